//! A picture of what `top` shows. Pure: it changes nothing and knows no terminal.

use super::app::{App, End};
use super::keys::HELP;
use super::page::Page;
use super::sheet::Line as SheetLine;
use super::table::{Row, Tab, Target};
use super::words::{at_work, ended, escaped, fitted, rate, residents, title, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use wodehost::board::Look;
use wodehost::units::grouped;

/// Keys that are shown where there is no help.
const KEYS: &str = "q quit  ? help  Enter detail  / filter  s sort  p pause  x cancel  Tab view";

/// The same for the sheet of a job.
const SHEET_KEYS: &str = "Esc back  p pause  x cancel  j k scroll  q quit  ? help";

/// Draws it.
pub(crate) fn draw(app: &App, frame: &mut Frame) {
    let page = Page::of(frame.area());
    head(app, frame, page.head);
    if app.is_help {
        put(frame, page.tabs, &[Line::styled("Keys", bold())]);
        help(frame, page.body);
    } else if let Some(lines) = app.sheet() {
        put(frame, page.tabs, &[Line::styled("Job", bold())]);
        sheet(app, frame, page.body, &lines);
    } else {
        put(frame, page.tabs, &[tabs(app)]);
        table(app, frame, page.body);
    }
    foot(app, frame, page.foot);
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

fn reversed() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

fn put(frame: &mut Frame, area: Rect, lines: &[Line]) {
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines.to_vec()), area);
}

fn head(app: &App, frame: &mut Frame, area: Rect) {
    let snapshot = &app.look.snapshot;
    let mut first = title(&app.hello, &app.look);
    if app.is_frozen() {
        first.push_str("  FROZEN (Space)");
    }
    match &app.end {
        End::Open => (),
        End::Ended => first.push_str("  the run has ended"),
        End::Lost(_) => first.push_str("  lost"),
    }
    let pace = format!("{}  {}", ended(&snapshot.tally), rate(app.per_second()));
    let lines = [
        Line::styled(first, bold()),
        Line::from(pace),
        Line::from(at_work(snapshot)),
        Line::from(residents(snapshot)),
    ];
    put(frame, area, &lines);
}

fn tabs(app: &App) -> Line<'static> {
    let snapshot = &app.look.snapshot;
    let mut line = Line::default();
    for (place, tab) in Tab::ALL.into_iter().enumerate() {
        let count = match tab {
            Tab::Attempts => format!(" {}", grouped(snapshot.lines.len() as u64)),
            Tab::Queue => format!(" {}", grouped(snapshot.queue.queued)),
            Tab::Groups => String::new(),
        };
        let text = format!(" {} {}{count} ", place + 1, tab.name());
        let is_chosen = tab == app.tab;
        line.push_span(Span::styled(
            text,
            if is_chosen { reversed() } else { Style::new() },
        ));
    }
    let mut said = format!("  by {}", app.sort());
    if app.tab == Tab::Queue && snapshot.queue.queued > snapshot.queue.first.len() as u64 {
        let first = grouped(snapshot.queue.first.len() as u64);
        said = format!("{said}, the first {first}");
    }
    if !app.filter.is_empty() {
        let (shown, all) = (app.table.rows.len() as u64, app.table.all as u64);
        let (shown, all) = (grouped(shown), grouped(all));
        said = format!("{said}  /{} ({shown} of {all})", escaped(&app.filter));
    }
    line.push_span(Span::styled(said, dim()));
    line
}

fn table(app: &App, frame: &mut Frame, area: Rect) {
    let (table, cursor) = (&app.table, app.cursor());
    let layout = table.layout(usize::from(area.width));
    let mut lines = vec![Line::styled(table.head(&layout), dim())];
    let room = usize::from(area.height).saturating_sub(1);
    let shown = table.rows.iter().enumerate().skip(cursor.top).take(room);
    for (place, row) in shown {
        let mut style = style_of(row, app.has_colors);
        if place == cursor.row {
            style = style.add_modifier(Modifier::REVERSED);
        }
        lines.push(Line::styled(table.row(row, &layout), style));
    }
    if table.rows.is_empty() {
        let why = match app.tab {
            _ if !app.filter.is_empty() => "no row has this text",
            Tab::Attempts => "nothing runs",
            Tab::Queue => "nothing waits",
            Tab::Groups => "there are no jobs",
        };
        lines.push(Line::styled(why, dim()));
    }
    put(frame, area, &lines);
}

fn style_of(row: &Row, has_colors: bool) -> Style {
    let style = if row.is_idle { dim() } else { Style::new() };
    if !has_colors {
        return style;
    }
    match row.look {
        Look::Normal => style,
        Look::Success => style.fg(Color::Green),
        Look::Warning => style.fg(Color::Yellow),
        Look::Error => style.fg(Color::Red),
    }
}

fn sheet(app: &App, frame: &mut Frame, area: Rect, lines: &[SheetLine]) {
    let top = app.opened().map_or(0, |opened| opened.top);
    let shown = lines.iter().skip(top).take(usize::from(area.height));
    let shown: Vec<Line> = shown
        .map(|line| match line {
            SheetLine::Head(text) => Line::styled(*text, bold()),
            SheetLine::Text(text) => Line::raw(text.as_str()),
        })
        .collect();
    put(frame, area, &shown);
}

fn help(frame: &mut Frame, area: Rect) {
    let widest = HELP.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    let line = |(keys, about): &(&str, &str)| {
        Line::from(format!("{}  {about}", fitted(keys, widest, false)))
    };
    let lines: Vec<Line> = HELP.iter().map(line).collect();
    put(frame, area, &lines);
}

fn foot(app: &App, frame: &mut Frame, area: Rect) {
    let (text, style) = foot_text(app);
    put(frame, area, &[Line::styled(text, style)]);
}

fn foot_text(app: &App) -> (String, Style) {
    match &app.end {
        End::Open => (),
        End::Ended => return ("the run has ended; any key quits".to_owned(), reversed()),
        End::Lost(why) => {
            let why = escaped(why);
            return (format!("lost the run: {why}; any key quits"), reversed());
        }
    }
    if let Some(target) = app.question() {
        let what = match target {
            Target::Job { id, worker, .. } => format!("job {} of {worker}", escaped(id)),
            Target::Group(group) => format!("all jobs of group {}", escaped(group)),
            Target::Nothing(what) => what.clone(),
        };
        return (format!("cancel? y/n  {what}"), reversed());
    }
    if app.is_typing {
        return (format!("/{}_", escaped(&app.filter)), Style::new());
    }
    if let Some(note) = app.note() {
        return (escaped(note), bold());
    }
    let keys = match (app.is_help, app.opened()) {
        (true, _) => "Esc back  q quit",
        (false, Some(_)) => SHEET_KEYS,
        (false, None) => KEYS,
    };
    (keys.to_owned(), dim())
}
