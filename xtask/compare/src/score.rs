//! A row of the table.

use serde::Serialize;

use crate::lines::{Answered, Said};
use crate::question::Question;

/// How often an engine was right, and how fast.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// Questions asked.
    pub questions: usize,
    /// Answers that agree with the label.
    pub right: usize,
    /// "Compatible" where an instance breaks.
    pub wrong_compatible: usize,
    /// "Breaking" where none does.
    pub wrong_breaking: usize,
    /// No answer.
    pub none: usize,
    /// Compatible questions, and how many of them were proved.
    pub compatible: [usize; 2],
    /// Breaking questions, and how many of them were said to be.
    pub breaking: [usize; 2],
    /// Breaking questions with a witness that two validators confirm.
    pub witnesses: usize,
    /// Of the hard set: questions, right, wrong.
    pub hard: [usize; 3],
    /// Milliseconds: median, 95th and 99th percentile, slowest.
    pub ms: [f64; 4],
}

/// Counts. `confirmed` says of each answer whether its witness was.
pub fn score(questions: &[Question], answers: &[Answered], confirmed: &[bool]) -> Score {
    let mut score = Score {
        questions: answers.len(),
        ..Score::default()
    };
    for ((question, answered), confirmed) in questions.iter().zip(answers).zip(confirmed) {
        let side = if question.compatible {
            &mut score.compatible
        } else {
            &mut score.breaking
        };
        let [asked, reached] = side;
        *asked += 1;
        let right = match (answered.answer, question.compatible) {
            (Said::Compatible, true) | (Said::Breaking, false) => {
                *reached += 1;
                score.right += 1;
                Some(true)
            }
            (Said::Compatible, false) => {
                score.wrong_compatible += 1;
                Some(false)
            }
            (Said::Breaking, true) => {
                score.wrong_breaking += 1;
                Some(false)
            }
            (Said::None, _) => {
                score.none += 1;
                None
            }
        };
        score.witnesses += usize::from(*confirmed && !question.compatible);
        if question.hard {
            let [asked, rightly, wrongly] = &mut score.hard;
            *asked += 1;
            *rightly += usize::from(right == Some(true));
            *wrongly += usize::from(right == Some(false));
        }
    }
    let mut times: Vec<f64> = answers.iter().map(|answered| answered.ms).collect();
    times.sort_by(f64::total_cmp);
    score.ms = [50, 95, 99, 100].map(|percent| percentile(&times, percent));
    score
}

/// The smallest time that so many percent do not exceed.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or_default()
}

/// Two significant digits, as far as times go here.
pub fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms < 0.095 => format!("{ms:.3}"),
        ms if ms < 0.95 => format!("{ms:.2}"),
        ms if ms < 9.5 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    }
}

impl Score {
    /// The row in Markdown.
    pub fn row(&self, title: &str) -> String {
        // Tenths of a percent, rounded, without a float.
        let share = |part: usize, of: usize| match (part * 1_000 + of / 2).checked_div(of) {
            Some(tenths) => format!("{part} ({}.{} %)", tenths / 10, tenths % 10),
            None => "–".to_owned(),
        };
        let [breaking, _] = self.breaking;
        let witnesses = if self.witnesses == 0 {
            "–".to_owned()
        } else {
            share(self.witnesses, breaking)
        };
        let [median, p95, _, _] = self.ms;
        let [_, hard_right, hard_wrong] = self.hard;
        format!(
            "| {title} | {} | {} | {} | {} | {witnesses} | {} / {} | {hard_right} / {hard_wrong} |",
            share(self.right, self.questions),
            self.wrong_compatible,
            self.wrong_breaking,
            self.none,
            milliseconds(median),
            milliseconds(p95),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::Asked;

    #[test]
    fn every_answer_is_counted_once() {
        let cases = [
            (true, Said::Compatible, false, false),
            (true, Said::Breaking, true, true),
            (false, Said::Breaking, true, true),
            (false, Said::Compatible, false, false),
            (false, Said::None, false, false),
        ];
        let mut questions = Vec::new();
        let mut answers = Vec::new();
        let mut confirmed = Vec::new();
        for (index, (compatible, answer, hard, witness)) in cases.into_iter().enumerate() {
            questions.push(Question {
                asked: Asked::default(),
                compatible,
                hard,
            });
            answers.push(Answered {
                id: String::new(),
                answer,
                why: None,
                ms: f64::from(u32::try_from(index).unwrap()),
                witness: None,
            });
            confirmed.push(witness);
        }
        let score = score(&questions, &answers, &confirmed);
        assert_eq!(
            score,
            Score {
                questions: 5,
                right: 2,
                wrong_compatible: 1,
                wrong_breaking: 1,
                none: 1,
                compatible: [2, 1],
                breaking: [3, 1],
                // A "witness" of a compatible question does not count, whoever confirms it.
                witnesses: 1,
                hard: [2, 1, 1],
                ms: [2.0, 4.0, 4.0, 4.0],
            }
        );
        assert_eq!(
            score.row("it"),
            "| it | 2 (40.0 %) | 1 | 1 | 1 | 1 (33.3 %) | 2.0 / 4.0 | 1 / 1 |"
        );
    }
}
