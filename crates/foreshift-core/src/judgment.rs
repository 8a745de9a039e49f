//! Judging what a query returned: numbers in, a verdict out.

use crate::config::{Analysis, Query};

/// How a number lies to the limits of its query.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Judged {
    /// Within both limits; a number at a limit is within.
    Within,
    /// Above the upper limit.
    Above,
    /// Below the lower limit.
    Below,
    /// Not a number, which is within no limits.
    NotANumber,
}

/// What is known of an analysis after some of its runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// There are runs to come that may change it.
    Open,
    /// Every query had a number in every run, and the mean of its numbers is within its limits.
    Passed,
    /// A query had no number in some run, or the mean of its numbers is not within its limits, or an
    /// `abortOnFailedJudgment` met a number that is not: why.
    Failed(String),
}

/// One run: what each query of the analysis returned, in the analysis's order; `None` where it had no number.
pub type Run = Vec<Option<f64>>;

/// How a number lies to the limits of its query.
pub fn judge(query: &Query, value: f64) -> Judged {
    let limit = |limit: &Option<String>| limit.as_deref().and_then(number);
    if value.is_nan() {
        return Judged::NotANumber;
    }
    if limit(&query.upper_limit).is_some_and(|upper| value > upper) {
        return Judged::Above;
    }
    if limit(&query.lower_limit).is_some_and(|lower| value < lower) {
        return Judged::Below;
    }
    Judged::Within
}

/// What is known after the runs so far (Armory judges the mean of all runs).
pub fn decide(analysis: &Analysis, runs: &[Run]) -> Decision {
    for (index, query) in analysis.queries.iter().enumerate() {
        let values = || runs.iter().map(|run| run.get(index).copied().flatten());
        // Without a number there is no mean, whatever comes.
        if let Some(missing) = values().position(|value| value.is_none_or(f64::is_nan)) {
            return Decision::Failed(format!("`{}` had no number in run {}", query.name.value, missing + 1));
        }
        let mut values = values().flatten();
        let bad = values.find_map(|value| fault(query, value));
        if let Some(why) = bad.filter(|_| analysis.abort_on_failed_judgment) {
            return Decision::Failed(why);
        }
    }
    if runs.len() < usize::try_from(analysis.judgment_runs).unwrap_or(usize::MAX) {
        return Decision::Open;
    }
    let faults = analysis.queries.iter().enumerate().filter_map(|(index, query)| {
        let values = runs.iter().filter_map(|run| run.get(index).copied().flatten());
        fault(query, mean(values)?)
    });
    let faults: Vec<String> = faults.collect();
    if faults.is_empty() { Decision::Passed } else { Decision::Failed(faults.join("; ")) }
}

/// What is wrong with a number, in words; `None` where it is within the limits.
pub fn fault(query: &Query, value: f64) -> Option<String> {
    let name = &query.name.value;
    let (side, limit) = match judge(query, value) {
        Judged::Within => return None,
        Judged::NotANumber => return Some(format!("`{name}` is not a number")),
        Judged::Above => ("above", &query.upper_limit),
        Judged::Below => ("below", &query.lower_limit),
    };
    Some(format!("`{name}` is {value}, {side} its limit of {}", limit.as_deref().unwrap_or_default()))
}

/// The mean; `None` of nothing.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut mean = None;
    for (value, count) in values.zip(1_u32..) {
        let count = f64::from(count);
        // Weighted before they are added, since the sum of two large numbers is none.
        mean = Some(mean.unwrap_or(0.0) * ((count - 1.0) / count) + value / count);
    }
    mean
}

/// A number as YAML writes it.
fn number(text: &str) -> Option<f64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = if rest.eq_ignore_ascii_case(".inf") { f64::INFINITY } else { rest.parse().ok()? };
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{Decision, Judged, decide, judge, mean, number};
    use crate::config::{Analysis, Context, Mode, Query, Spanned};
    use crate::text::Span;

    fn query(name: &str, lower: Option<&str>, upper: Option<&str>) -> Query {
        Query {
            name: Spanned { value: name.to_owned(), span: Span::NONE },
            query_template: String::new(),
            upper_limit: upper.map(str::to_owned),
            lower_limit: lower.map(str::to_owned),
            metric_provider: None,
        }
    }

    fn analysis(runs: u32, queries: Vec<Query>) -> Analysis {
        Analysis {
            metric_provider: None,
            default_metric_provider: None,
            context: Context::default(),
            interval_seconds: 1,
            judgment_runs: runs,
            roll_back: Mode::Automatic,
            roll_forward: Mode::Automatic,
            lookback: None,
            abort_on_failed_judgment: false,
            queries: queries.into_iter().map(Rc::new).collect(),
        }
    }

    #[test]
    fn limits_are_within() {
        let both = query("q", Some("-1"), Some("2.5"));
        let of = |value| judge(&both, value);
        assert_eq!([of(-1.0), of(0.0), of(2.5)], [Judged::Within; 3]);
        assert_eq!([of(2.500_001), of(f64::INFINITY)], [Judged::Above; 2]);
        assert_eq!([of(-1.5), of(f64::NEG_INFINITY)], [Judged::Below; 2]);
        assert_eq!(of(f64::NAN), Judged::NotANumber);
        assert_eq!(judge(&query("q", None, Some("1e3")), -1e9), Judged::Within);
        assert_eq!(judge(&query("q", Some(".5"), None), 0.4), Judged::Below);
    }

    #[test]
    fn a_number_is_what_yaml_means_by_it() {
        let numbers = ["12", "-0.5", "+3", "1e3", ".5", ".inf", "-.INF"].map(number);
        let infinity = f64::INFINITY;
        assert_eq!(numbers, [12.0, -0.5, 3.0, 1e3, 0.5, infinity, -infinity].map(Some));
    }

    #[test]
    fn a_mean_stays_a_number() {
        assert_eq!(mean([].into_iter()), None);
        assert_eq!(mean([1.0, 2.0, 6.0].into_iter()), Some(3.0));
        assert_eq!(mean([f64::MAX, f64::MAX].into_iter()), Some(f64::MAX));
    }

    #[test]
    fn the_mean_of_all_runs_decides() {
        let analysis = analysis(3, vec![query("errors", None, Some("1"))]);
        let runs = |values: &[f64]| values.iter().map(|value| vec![Some(*value)]).collect::<Vec<_>>();
        assert_eq!(decide(&analysis, &[]), Decision::Open);
        assert_eq!(decide(&analysis, &runs(&[2.0, 0.5])), Decision::Open);
        assert_eq!(decide(&analysis, &runs(&[2.0, 0.5, 0.5])), Decision::Passed);
        let failed = decide(&analysis, &runs(&[2.0, 0.5, 1.5]));
        assert_eq!(failed, Decision::Failed("`errors` is 1.3333333333333333, above its limit of 1".to_owned()));
    }

    #[test]
    fn no_number_and_a_failed_judgment_decide_at_once() {
        let mut analysis = analysis(3, vec![query("a", Some("0"), None), query("b", None, Some("1"))]);
        let missing = decide(&analysis, &[vec![Some(1.0), Some(1.0)], vec![Some(1.0), None]]);
        assert_eq!(missing, Decision::Failed("`b` had no number in run 2".to_owned()));
        let odd = decide(&analysis, &[vec![Some(f64::NAN), Some(1.0)]]);
        assert_eq!(odd, Decision::Failed("`a` had no number in run 1".to_owned()));
        let bad = [vec![Some(1.0), Some(4.0)]];
        assert_eq!(decide(&analysis, &bad), Decision::Open);
        analysis.abort_on_failed_judgment = true;
        assert_eq!(decide(&analysis, &bad), Decision::Failed("`b` is 4, above its limit of 1".to_owned()));
    }
}
