//! The table and the JSON.

use std::fmt;

use serde::Serialize;

/// One measurement beside what it is measured against.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// What it stands beside in the same run, and how large that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<Baseline>,
    /// What was promised, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Baseline {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) ratio: f64,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    figures: Vec<Figure>,
}

impl Report {
    pub(crate) fn add(&mut self, name: impl Into<String>, value: f64, unit: &'static str, target: Option<&str>) {
        self.push(name.into(), value, unit, None, target);
    }

    /// `value` beside `baseline`, as a ratio.
    pub(crate) fn compare(
        &mut self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        (baseline_name, baseline): (&str, f64),
        target: Option<&str>,
    ) {
        let baseline = Baseline { name: baseline_name.to_owned(), value: baseline, ratio: value / baseline };
        self.push(name.into(), value, unit, Some(baseline), target);
    }

    fn push(&mut self, name: String, value: f64, unit: &'static str, baseline: Option<Baseline>, target: Option<&str>) {
        eprintln!("{name}: {value:.1} {unit}");
        self.figures.push(Figure { name, value, unit, baseline, target: target.map(str::to_owned) });
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("figures are plain data")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| figure | value | beside | ratio | target |\n|---|---:|---:|---:|---|")?;
        for figure in &self.figures {
            let (beside, ratio) = match &figure.baseline {
                Some(b) => (format!("{} {:.0}", b.name, b.value), format!("{:.2}", b.ratio)),
                None => (String::new(), String::new()),
            };
            let target = figure.target.as_deref().unwrap_or("");
            writeln!(f, "| {} | {:.1} {} | {beside} | {ratio} | {target} |", figure.name, figure.value, figure.unit)?;
        }
        Ok(())
    }
}
