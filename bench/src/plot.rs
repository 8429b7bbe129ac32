//! Curves as pictures: jobs a second on the left, memory on the right.

use crate::growth::{Curve, Figures, Memory};
use crate::series::Unit;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use std::error::Error;
use std::ops::Range;
use std::path::Path;

/// Width and height of a picture, pixels.
const SIZE: (u32, u32) = (900, 300);

const FONT: &str = "sans-serif";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws a curve as an SVG file.
pub(crate) fn draw(curve: &Curve, path: &Path) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (left, right) = area.split_horizontally(SIZE.0 / 2);
    let figures = curve.figures();
    let points = |of: fn(&Figures) -> f64| -> Vec<(f64, f64)> {
        figures
            .iter()
            .map(|figures| (figures.x, of(figures)))
            .collect()
    };
    let rate = points(|figures| figures.rate);
    panel(&left, "jobs a second", curve.what, Unit::Count(""), &rate)?;
    let memory = points(|figures| figures.memory);
    let title = match curve.memory {
        Memory::Peak => "most memory of the process",
        Memory::Each => "memory of each",
    };
    panel(&right, title, curve.what, Unit::Bytes, &memory)?;
    area.present()?;
    Ok(())
}

/// One panel: both scales are logarithmic where the figures differ by more than a hundred.
fn panel(
    area: &Area<'_>,
    title: &str,
    what: &str,
    unit: Unit,
    points: &[(f64, f64)],
) -> Result<(), Box<dyn Error>> {
    let xs = points.iter().map(|point| point.0);
    let ys = points.iter().map(|point| point.1);
    let (x_least, x_most) = (xs.clone().fold(f64::MAX, f64::min), xs.fold(1.0, f64::max));
    let (y_least, y_most) = (ys.clone().fold(f64::MAX, f64::min), ys.fold(1.0, f64::max));
    let mut builder = ChartBuilder::on(area);
    builder
        .caption(title, (FONT, 15))
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(64);
    let x = x_least / 1.2..x_most * 1.2;
    if y_most > 100.0 * y_least.max(1.0) {
        let y = (y_least.max(1.0) / 2.0..y_most * 2.0).log_scale();
        line(&mut builder, x, y, what, unit, points)
    } else {
        line(&mut builder, x, 0.0..y_most * 1.15, what, unit, points)
    }
}

/// The axes, and a line through the points.
fn line<Y>(
    builder: &mut ChartBuilder<'_, '_, SVGBackend<'_>>,
    x: Range<f64>,
    y: Y,
    what: &str,
    unit: Unit,
    points: &[(f64, f64)],
) -> Result<(), Box<dyn Error>>
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let mut chart = builder.build_cartesian_2d(x.log_scale(), y)?;
    chart
        .configure_mesh()
        .x_desc(what)
        .x_label_formatter(&short)
        .y_label_formatter(&|y| unit.show(*y))
        .max_light_lines(0)
        .draw()?;
    chart.draw_series(LineSeries::new(points.iter().copied(), &BLUE).point_size(3))?;
    Ok(())
}

/// A number on an axis: 1, 10k, 1M.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "what the library calls")]
fn short(value: &f64) -> String {
    match *value {
        v if v >= 1e6 => format!("{}M", Unit::Count("").show(v / 1e6)),
        v if v >= 1e4 => format!("{}k", Unit::Count("").show(v / 1e3)),
        v => Unit::Count("").show(v),
    }
}
