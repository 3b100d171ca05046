//! An engine as a process that is kept warm, with a time limit for each question.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::lines::{Answered, Asked, Said};

/// An engine that can be asked again and again, whatever became of the question before.
pub struct Warm {
    command: Command,
    limit: Duration,
    running: Option<Running>,
}

struct Running {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Warm {
    /// The engine that this command starts. What it prints beside its answers goes to `log`.
    pub fn new(mut command: Command, limit: Duration, log: &Path) -> Result<Self, String> {
        let told = |error: std::io::Error| format!("{}: {error}", log.display());
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder).map_err(told)?;
        }
        let log = File::create(log).map_err(told)?;
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        Ok(Self {
            command,
            limit,
            running: None,
        })
    }

    /// Asks. A question that hangs or ends the process is not answered, and the process is started again for the next one.
    pub fn ask(&mut self, asked: &Asked) -> Answered {
        let started = Instant::now();
        let line = match self.line(asked) {
            Ok(line) => line,
            Err(why) => {
                self.stop();
                let ms = started.elapsed().as_secs_f64() * 1_000.0;
                return Answered::none(&asked.id, why, ms);
            }
        };
        match serde_json::from_str::<Answered>(&line) {
            Ok(answered) if answered.id == asked.id => answered,
            Ok(_) => {
                self.stop();
                Answered::none(&asked.id, "answered another question".to_owned(), 0.0)
            }
            Err(error) => {
                self.stop();
                Answered::none(&asked.id, format!("its answer is unreadable: {error}"), 0.0)
            }
        }
    }

    /// Asks so often; the last answer with the fastest time. What took long to be left unanswered is not asked again.
    pub fn ask_often(&mut self, asked: &Asked, times: usize) -> Answered {
        let mut answered = self.ask(asked);
        for _ in 1..times {
            if answered.answer == Said::None && answered.ms > 1_000.0 {
                break;
            }
            let again = self.ask(asked);
            answered = Answered {
                ms: again.ms.min(answered.ms),
                ..again
            };
        }
        answered
    }

    fn line(&mut self, asked: &Asked) -> Result<String, String> {
        let question = serde_json::to_string(asked).map_err(|error| error.to_string())?;
        let limit = self.limit;
        let running = self.start()?;
        // A process that has ended refuses the line, or closes its answers below.
        let _ = writeln!(running.questions, "{question}").and_then(|()| running.questions.flush());
        running
            .answers
            .recv_timeout(limit)
            .map_err(|error| match error {
                RecvTimeoutError::Timeout => format!("no answer within {} s", limit.as_secs()),
                RecvTimeoutError::Disconnected => end(&mut running.child),
            })
    }

    fn start(&mut self) -> Result<&mut Running, String> {
        if self.running.is_none() {
            let mut child = self
                .command
                .spawn()
                .map_err(|error| format!("did not start: {error}"))?;
            let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
                return Err("its pipes are missing".to_owned());
            };
            let (send, receive) = channel();
            thread::spawn(move || {
                for line in BufReader::new(answers).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        break;
                    }
                }
            });
            self.running = Some(Running {
                child,
                questions,
                answers: receive,
            });
        }
        self.running
            .as_mut()
            .ok_or_else(|| "did not start".to_owned())
    }

    fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // It may have ended by itself.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

/// How it ended, of which the end of its answers is the first sign.
fn end(child: &mut Child) -> String {
    for _ in 0..100 {
        match child.try_wait() {
            Ok(Some(status)) => return format!("the process ended: {status}"),
            Ok(None) => thread::sleep(Duration::from_millis(10)),
            Err(error) => return format!("the process ended: {error}"),
        }
    }
    "the process closed its answers".to_owned()
}

impl Drop for Warm {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shell that answers the first question of each process, and does `then` at the second.
    fn shell(then: &str, name: &str) -> Warm {
        let mut command = Command::new("sh");
        let answer = r#"{"id":"a","answer":"compatible","ms":1}"#;
        command.args([
            "-c",
            &format!("read line; echo '{answer}'; read line; {then}"),
        ]);
        let log =
            std::env::temp_dir().join(format!("xtask-compare-{name}-{}.log", std::process::id()));
        Warm::new(command, Duration::from_millis(500), &log).unwrap()
    }

    fn asked(id: &str) -> Asked {
        Asked {
            id: id.to_owned(),
            ..Asked::default()
        }
    }

    #[test]
    fn a_process_that_ends_is_started_again() {
        let mut warm = shell("exit 3", "ends");
        assert_eq!(warm.ask(&asked("a")).answer, Said::Compatible);
        let second = warm.ask(&asked("a"));
        assert_eq!(second.answer, Said::None);
        assert_eq!(second.why.unwrap(), "the process ended: exit status: 3");
        assert_eq!(warm.ask(&asked("a")).answer, Said::Compatible);
    }

    #[test]
    fn a_process_that_hangs_is_started_again() {
        let mut warm = shell("exec sleep 60", "hangs");
        assert_eq!(warm.ask(&asked("a")).answer, Said::Compatible);
        let second = warm.ask(&asked("a"));
        assert_eq!(second.answer, Said::None);
        assert!(second.why.unwrap().starts_with("no answer within"));
        assert!(second.ms < 5_000.0);
        assert_eq!(warm.ask(&asked("a")).answer, Said::Compatible);
    }

    #[test]
    fn the_answer_to_another_question_is_none() {
        let mut warm = shell("exit 3", "other");
        assert_eq!(warm.ask(&asked("b")).answer, Said::None);
    }
}
