//! What lies where on the screen. Where there is little room, the rows keep it.

use ratatui::layout::Rect;

/// Lines of the head where there is room.
const HEAD: u16 = 4;

/// The parts of the screen, from the top. Each may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Page {
    /// Which run it is, and how it gets on.
    pub(crate) head: Rect,
    /// The views.
    pub(crate) tabs: Rect,
    /// What is looked at.
    pub(crate) body: Rect,
    /// Keys, or a question.
    pub(crate) foot: Rect,
}

impl Page {
    /// Cuts the screen into its parts.
    pub(crate) fn of(screen: Rect) -> Page {
        let (head, tabs, foot) = match screen.height {
            0..=2 => (0, 0, 0),
            3..=5 => (1, 0, 1),
            6..=11 => (2, 1, 1),
            _ => (HEAD, 1, 1),
        };
        let part = |y: u16, height: u16| Rect {
            y: screen.y + y,
            height,
            ..screen
        };
        Page {
            head: part(0, head),
            tabs: part(head, tabs),
            body: part(head + tabs, screen.height - head - tabs - foot),
            foot: part(screen.height - foot, foot),
        }
    }

    /// Rows of a table that fit: its head takes one.
    pub(crate) fn rows(&self) -> usize {
        usize::from(self.body.height).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_screen() {
        for height in 0..60 {
            let page = Page::of(Rect::new(0, 0, 80, height));
            let parts = [page.head, page.tabs, page.body, page.foot];
            let sum: u16 = parts.iter().map(|part| part.height).sum();
            assert_eq!(sum, height);
            assert!(parts.windows(2).all(|two| two[0].bottom() == two[1].y));
            assert!(height == 0 || page.body.height > 0, "{height}");
        }
    }
}
