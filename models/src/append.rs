//! Two hosts append to one log.
//!
//! The log's table and the row that holds its head are one database; a transaction that locks the row keeps others from
//! appending until it ends. A host decides on the events as it knows them, in memory, and appends what follows if the head
//! is still where it decided. If not, it reads on and decides again; after some tries it takes the lock first. An approval's
//! migration is carried out under the lock, by whoever comes to it; after a crash somebody else does.
//!
//! What may go wrong: a host dies at any moment; a commit fails; a commit succeeds and its host does not hear of it; the log
//! cannot be read again afterwards; a migration fails. Each as often as [`World`] says.

use stateright::{Model, Property};

/// Yes ballots that approve.
const NEEDED: usize = 2;
/// Tries on what a host knows, and all tries (`OPTIMISTIC_ATTEMPTS` and `ATTEMPTS`; smaller, so that both ends are reached).
const OPTIMISTIC_ATTEMPTS: u8 = 1;
const ATTEMPTS: u8 = 2;

/// How large the world is, what goes wrong in it, and which rules the hosts keep.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Hosts on the one store.
    pub hosts: u8,
    /// Voters, who each want one ballot stored.
    pub voters: u8,
    /// How many times a host dies.
    pub crashes: u8,
    /// How many times a commit, or the reading after one, goes wrong.
    pub faults: u8,
    /// How many times a migration fails.
    pub failures: u8,
    /// What the hosts do.
    pub rules: Rules,
}

/// The rules that keep the log whole. Each can be dropped, to see that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `append` compares the head with where it was decided.
    pub checks_head: bool,
    /// `append` reads the head with `FOR UPDATE`.
    pub locks_head: bool,
    /// A host whose commit failed throws its state away and reads the log again.
    pub rebuilds: bool,
    /// Readers wait while events are applied and not yet committed.
    pub readers_wait: bool,
    /// A migration is looked up under the lock, not before it.
    pub looks_under_lock: bool,
    /// A migration is carried out while it is begun, and not once more because it failed meanwhile.
    pub goes_on_when_begun: bool,
    /// A host looks for migrations that were approved and not recorded.
    pub picks_up: bool,
    /// A ballot that is delivered again is known.
    pub knows_again: bool,
    /// A migration that failed is begun again only when somebody has said so.
    pub waits_for_retry: bool,
}

impl Rules {
    /// As hosts are.
    pub const ALL: Self = Self {
        checks_head: true,
        locks_head: true,
        rebuilds: true,
        readers_wait: true,
        looks_under_lock: true,
        goes_on_when_begun: true,
        picks_up: true,
        knows_again: true,
        waits_for_retry: true,
    };
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// `ballot_cast`.
    Ballot(u8),
    /// `schema_proposal_approved` with its `migration_generated`.
    Approved,
    /// `migration_started`.
    Begun,
    /// `migration_applied`.
    Applied,
    /// `migration_failed`.
    Failed,
    /// `migration_retried`: a member has signed that it may be tried again.
    Retried,
}

/// An event, with what it says of nobody's business but the model's: who decided it, on how many events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// Its number, which its host gave it.
    pub seq: u8,
    /// What.
    pub what: What,
    /// Which host decided it.
    pub by: u8,
    /// How many events that host knew.
    pub on: u8,
}

/// What a host is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Store a voter's ballot.
    Ballot(u8),
    /// Say that the migration begins, and then carry it out.
    Begin,
    /// Carry it out.
    Migrate,
    /// Store that a migration that failed may be tried again.
    Retry,
}

/// Where a host is with its one task at a time (`Turns`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Without one.
    Idle,
    /// Caught up and decided; the transaction has not begun.
    Decided {
        /// For what.
        task: Task,
        /// Which try.
        attempt: u8,
        /// What is to be appended.
        events: Vec<Event>,
    },
    /// Somebody else was first: about to read on and decide again.
    Again {
        /// For what.
        task: Task,
        /// Which try.
        attempt: u8,
    },
    /// About to lock the head before anything is decided.
    Locking {
        /// For what.
        task: Task,
        /// Which try.
        attempt: u8,
        /// A plan that was looked up already, which is against the rules.
        looked: bool,
    },
    /// Appended in the transaction and applied in memory; the commit is under way.
    Committing {
        /// For what.
        task: Task,
        /// What was appended.
        events: Vec<Event>,
        /// Under the lock from the start.
        locked: bool,
    },
    /// The commit went wrong, or seemed to; about to read the log again.
    Rebuilding {
        /// For what.
        task: Task,
    },
}

/// One process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    /// Whether it runs.
    pub up: bool,
    /// The state in memory, as the events that it was made of; none before the first reading, or when that failed.
    pub handle: Option<Vec<Event>>,
    /// Its task.
    pub phase: Phase,
    /// A page that a reader has read from the store and not yet applied.
    pub page: Option<Vec<Event>>,
}

/// What a voter knows of the ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Voter {
    /// Not sent yet.
    Silent,
    /// Sent, and nobody answered, or the answer was that something went wrong.
    Unanswered,
    /// Sent to a host.
    Sent(u8),
    /// The host has answered that it is stored.
    Acknowledged,
    /// The vote is over.
    Refused,
}

/// Everything at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The committed rows of `senate_events`.
    pub log: Vec<Event>,
    /// `senate_head`.
    pub head: u8,
    /// How often the migration has changed the artifacts.
    pub effects: u8,
    /// Whose transaction has the head's row locked.
    pub lock: Option<u8>,
    /// The processes.
    pub hosts: Vec<Host>,
    /// The clients.
    pub voters: Vec<Voter>,
    /// What may still go wrong.
    pub crashes: u8,
    /// What may still go wrong.
    pub faults: u8,
    /// What may still go wrong.
    pub failures: u8,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A voter sends the ballot to a host, perhaps again.
    Send(u8, u8),
    /// A host takes a task: it catches up and decides, or goes for the lock (`Host.#execute`, `Host.#migrate`).
    Take(u8, Task),
    /// `append`: lock, compare, insert, apply.
    Append(u8),
    /// The lock is another's for too long (`55P03`).
    Busy(u8),
    /// Catch up and decide again.
    Retry(u8),
    /// `lockHead`, read on, decide, insert, apply. A migration succeeds or fails.
    Locked(u8, bool),
    /// The commit succeeds and the host hears of it.
    Commit(u8),
    /// The commit fails.
    CommitFails(u8),
    /// The commit succeeds and the host hears of an error.
    CommitUnheard(u8),
    /// `#rebuild`.
    Rebuild(u8),
    /// `#rebuild`, in vain.
    RebuildFails(u8),
    /// A reader of this host asks the store for what is missing.
    ReadPage(u8),
    /// And applies it, once no commit is under way.
    ApplyPage(u8),
    /// The process dies.
    Crash(u8),
    /// Another takes its place.
    Restart(u8),
}

/// What the core says to a task.
enum Decision {
    Events(Vec<What>),
    /// Stored before.
    Known,
    /// No.
    Refused,
}

fn is_approved(events: &[Event]) -> bool {
    events.iter().any(|event| event.what == What::Approved)
}

fn is_to_migrate(events: &[Event]) -> bool {
    is_approved(events) && !events.iter().any(|event| event.what == What::Applied)
}

/// Somebody has begun the migration and nobody has ended it.
fn is_begun(events: &[Event]) -> bool {
    let of_it = |event: &&Event| matches!(event.what, What::Begun | What::Applied | What::Failed);
    let last = events.iter().rev().find(of_it);
    last.is_some_and(|event| event.what == What::Begun)
}

/// The migration has failed, and nobody has said since that it may be tried again.
fn has_failed(events: &[Event]) -> bool {
    let of_it = |event: &&Event| {
        matches!(
            event.what,
            What::Begun | What::Applied | What::Failed | What::Retried
        )
    };
    let last = events.iter().rev().find(of_it);
    last.is_some_and(|event| event.what == What::Failed)
}

impl World {
    /// What the core decides on the events that are known. `works`: whether a migration does.
    fn decide(&self, known: &[Event], task: Task, works: bool) -> Decision {
        match task {
            Task::Ballot(voter) => self.decide_ballot(known, voter),
            _ if !is_to_migrate(known) => Decision::Refused,
            Task::Retry if has_failed(known) => Decision::Events(vec![What::Retried]),
            Task::Retry => Decision::Refused,
            Task::Begin if is_begun(known) => Decision::Known,
            Task::Begin if self.rules.waits_for_retry && has_failed(known) => Decision::Refused,
            Task::Begin => Decision::Events(vec![What::Begun]),
            // Another host has begun it too, and it has failed there: that is for people to look at first.
            Task::Migrate if self.rules.goes_on_when_begun && !is_begun(known) => Decision::Refused,
            Task::Migrate if works => Decision::Events(vec![What::Applied]),
            Task::Migrate => Decision::Events(vec![What::Failed]),
        }
    }

    fn decide_ballot(&self, known: &[Event], voter: u8) -> Decision {
        let cast = |event: &&Event| matches!(event.what, What::Ballot(_));
        if self.rules.knows_again && known.iter().any(|event| event.what == What::Ballot(voter)) {
            return Decision::Known;
        }
        if is_approved(known) {
            return Decision::Refused;
        }
        let mut events = vec![What::Ballot(voter)];
        if known.iter().filter(cast).count() + 1 >= NEEDED {
            events.push(What::Approved);
        }
        Decision::Events(events)
    }

    fn numbered(known: &[Event], by: u8, whats: Vec<What>) -> Vec<Event> {
        let on = known.last().map_or(0, |event| event.seq);
        (on + 1..)
            .zip(whats)
            .map(|(seq, what)| Event { seq, what, by, on })
            .collect()
    }

    /// Catches up and decides, or goes for the lock; `attempt` is the try that this is.
    fn decide_anew(&self, moment: &mut Moment, h: u8, task: Task, attempt: u8) {
        let host = &mut moment.hosts[usize::from(h)];
        if task == Task::Migrate || attempt > OPTIMISTIC_ATTEMPTS {
            let mut looked = false;
            if task == Task::Migrate && !self.rules.looks_under_lock {
                catch_up(host, &moment.log);
                looked = host.handle.as_deref().is_some_and(is_to_migrate);
            }
            host.phase = Phase::Locking {
                task,
                attempt,
                looked,
            };
            return;
        }
        catch_up(host, &moment.log);
        let known = host.handle.as_deref().unwrap_or_default();
        match self.decide(known, task, true) {
            Decision::Events(whats) => {
                let events = Self::numbered(known, h, whats);
                host.phase = Phase::Decided {
                    task,
                    attempt,
                    events,
                };
            }
            Decision::Known => self.answer(moment, h, task, Voter::Acknowledged),
            Decision::Refused => self.answer(moment, h, task, Voter::Refused),
        }
    }

    /// The task is over: a voter hears of it, or the migration that has begun goes on.
    fn answer(&self, moment: &mut Moment, h: u8, task: Task, voter: Voter) {
        moment.hosts[usize::from(h)].phase = Phase::Idle;
        match task {
            Task::Ballot(v) => moment.voters[usize::from(v)] = voter,
            Task::Begin if voter == Voter::Acknowledged => {
                self.decide_anew(moment, h, Task::Migrate, 1);
            }
            Task::Begin | Task::Migrate | Task::Retry => {}
        }
    }

    /// Somebody else was first, or has the lock: once more, or an answer that the log is busy.
    fn conflict(&self, moment: &mut Moment, h: u8, task: Task, attempt: u8) {
        if attempt >= ATTEMPTS {
            self.answer(moment, h, task, Voter::Unanswered);
        } else {
            moment.hosts[usize::from(h)].phase = Phase::Again {
                task,
                attempt: attempt + 1,
            };
        }
    }

    /// Everything under the lock, up to the commit.
    fn under_lock(&self, moment: &mut Moment, h: u8, task: Task, looked: bool, works: bool) {
        let host = &mut moment.hosts[usize::from(h)];
        catch_up(host, &moment.log);
        let known = host.handle.as_deref().unwrap_or_default();
        let decision = if looked {
            // What was looked up before the lock is believed.
            Decision::Events(vec![if works { What::Applied } else { What::Failed }])
        } else {
            self.decide(known, task, works)
        };
        let fails = matches!(&decision, Decision::Events(whats) if whats == &[What::Failed]);
        moment.failures -= u8::from(fails);
        match decision {
            Decision::Events(whats) => {
                let events = Self::numbered(known, h, whats);
                moment.lock = Some(h);
                apply_and_commit(host, task, events, true);
            }
            Decision::Known => self.answer(moment, h, task, Voter::Acknowledged),
            Decision::Refused => self.answer(moment, h, task, Voter::Refused),
        }
    }

    /// What a commit makes of the store.
    fn store(moment: &mut Moment, events: &[Event]) {
        moment.log.extend(events);
        if let Some(last) = events.last() {
            moment.head = last.seq;
        }
        for event in events {
            moment.effects += u8::from(event.what == What::Applied);
        }
    }

    fn unlock(moment: &mut Moment, h: u8) {
        if moment.lock == Some(h) {
            moment.lock = None;
        }
    }

    /// After a commit that went wrong: the log tells, unless that rule is dropped.
    fn went_wrong(&self, moment: &mut Moment, h: u8, task: Task) {
        moment.faults -= 1;
        Self::unlock(moment, h);
        if self.rules.rebuilds {
            moment.hosts[usize::from(h)].phase = Phase::Rebuilding { task };
        } else {
            self.answer(moment, h, task, Voter::Unanswered);
        }
    }

    /// Whether a reader of this host may look at its state.
    fn is_quiet(&self, host: &Host) -> bool {
        !self.rules.readers_wait
            || !matches!(
                host.phase,
                Phase::Committing { .. } | Phase::Rebuilding { .. }
            )
    }

    /// Nothing is left to do.
    fn is_finished(moment: &Moment) -> bool {
        let answered = |voter: &Voter| matches!(voter, Voter::Acknowledged | Voter::Refused);
        moment.voters.iter().all(answered)
            && moment.lock.is_none()
            && is_approved(&moment.log)
            && !is_to_migrate(&moment.log)
    }
}

/// Reads on from where the handle stands (`#readOn` and `#applyPage`).
fn catch_up(host: &mut Host, log: &[Event]) {
    apply_page(host, log);
}

fn apply_page(host: &mut Host, page: &[Event]) {
    let handle = host.handle.get_or_insert_default();
    let seq = handle.last().map_or(0, |event| event.seq);
    let mut news = page.iter().filter(|event| event.seq > seq).peekable();
    if news.peek().is_some_and(|first| first.seq == seq + 1) {
        handle.extend(news);
    }
}

fn apply_and_commit(host: &mut Host, task: Task, events: Vec<Event>, locked: bool) {
    host.handle.get_or_insert_default().extend(&events);
    host.phase = Phase::Committing {
        task,
        events,
        locked,
    };
}

impl Model for World {
    type State = Moment;
    type Action = Step;

    fn init_states(&self) -> Vec<Moment> {
        let host = Host {
            up: true,
            handle: Some(Vec::new()),
            phase: Phase::Idle,
            page: None,
        };
        vec![Moment {
            log: Vec::new(),
            head: 0,
            effects: 0,
            lock: None,
            hosts: vec![host; usize::from(self.hosts)],
            voters: vec![Voter::Silent; usize::from(self.voters)],
            crashes: self.crashes,
            faults: self.faults,
            failures: self.failures,
        }]
    }

    fn actions(&self, moment: &Moment, steps: &mut Vec<Step>) {
        // Voters are alike, so they begin in their order; and so are hosts, so the first ballot goes to the first one.
        let next = moment.voters.iter().position(|v| *v == Voter::Silent);
        for (v, voter) in (0..).zip(&moment.voters) {
            if *voter == Voter::Unanswered || next == Some(usize::from(v)) {
                let hosts = if next == Some(0) { 1 } else { self.hosts };
                let up = (0..hosts).filter(|h| moment.hosts[usize::from(*h)].up);
                steps.extend(up.map(|h| Step::Send(v, h)));
            }
        }
        for (h, host) in (0..).zip(&moment.hosts) {
            if !host.up {
                steps.push(Step::Restart(h));
                continue;
            }
            if moment.crashes > 0 && next != Some(0) {
                steps.push(Step::Crash(h));
            }
            let is_free = moment.lock.is_none();
            match &host.phase {
                Phase::Idle => {
                    for (v, voter) in (0..).zip(&moment.voters) {
                        if *voter == Voter::Sent(h) {
                            steps.push(Step::Take(h, Task::Ballot(v)));
                        }
                    }
                    // After an approval of its own, at a start, and now and then: `#followUp`, `start`, `#tick`. Without the
                    // last two only the host that approved comes to it, and only as long as it knows that it did.
                    let own = host.handle.as_deref().is_some_and(|known| {
                        is_to_migrate(known)
                            && known.iter().any(|e| e.what == What::Approved && e.by == h)
                    });
                    if is_to_migrate(&moment.log) && (self.rules.picks_up || own) {
                        steps.push(Step::Take(h, Task::Begin));
                    }
                    if is_to_migrate(&moment.log) && has_failed(&moment.log) {
                        steps.push(Step::Take(h, Task::Retry));
                    }
                }
                Phase::Decided { .. } if is_free || !self.rules.locks_head => {
                    steps.push(Step::Append(h));
                }
                Phase::Locking { task, .. } if is_free || !self.rules.locks_head => {
                    steps.push(Step::Locked(h, true));
                    if *task == Task::Migrate && moment.failures > 0 {
                        steps.push(Step::Locked(h, false));
                    }
                }
                Phase::Decided { .. } | Phase::Locking { .. } => steps.push(Step::Busy(h)),
                Phase::Again { .. } => steps.push(Step::Retry(h)),
                Phase::Committing { .. } => {
                    steps.push(Step::Commit(h));
                    if moment.faults > 0 {
                        steps.extend([Step::CommitFails(h), Step::CommitUnheard(h)]);
                    }
                }
                Phase::Rebuilding { .. } => {
                    steps.push(Step::Rebuild(h));
                    if moment.faults > 0 {
                        steps.push(Step::RebuildFails(h));
                    }
                }
            }
            let known = host.handle.as_ref().map_or(0, Vec::len);
            if host.page.is_none() && self.is_quiet(host) && known < moment.log.len() {
                steps.push(Step::ReadPage(h));
            }
            if host.page.is_some() && self.is_quiet(host) {
                steps.push(Step::ApplyPage(h));
            }
        }
    }

    fn next_state(&self, before: &Moment, step: Step) -> Option<Moment> {
        let mut moment = before.clone();
        let phase = |h: u8| before.hosts[usize::from(h)].phase.clone();
        match step {
            Step::Send(v, h) => moment.voters[usize::from(v)] = Voter::Sent(h),
            Step::Take(h, task) => self.decide_anew(&mut moment, h, task, 1),
            Step::Append(h) => {
                let Phase::Decided {
                    task,
                    attempt,
                    events,
                } = phase(h)
                else {
                    return None;
                };
                let on = events.first().map_or(0, |event| event.on);
                if self.rules.checks_head && moment.head != on {
                    self.conflict(&mut moment, h, task, attempt);
                } else {
                    if self.rules.locks_head {
                        moment.lock = Some(h);
                    }
                    apply_and_commit(&mut moment.hosts[usize::from(h)], task, events, false);
                }
            }
            Step::Busy(h) => {
                let (Phase::Decided { task, attempt, .. } | Phase::Locking { task, attempt, .. }) =
                    phase(h)
                else {
                    return None;
                };
                self.conflict(&mut moment, h, task, attempt);
            }
            Step::Retry(h) => {
                let Phase::Again { task, attempt } = phase(h) else {
                    return None;
                };
                self.decide_anew(&mut moment, h, task, attempt);
            }
            Step::Locked(h, works) => {
                let Phase::Locking { task, looked, .. } = phase(h) else {
                    return None;
                };
                self.under_lock(&mut moment, h, task, looked, works);
            }
            Step::Commit(h) => {
                let Phase::Committing { task, events, .. } = phase(h) else {
                    return None;
                };
                Self::store(&mut moment, &events);
                Self::unlock(&mut moment, h);
                self.answer(&mut moment, h, task, Voter::Acknowledged);
            }
            Step::CommitFails(h) => {
                let Phase::Committing { task, .. } = phase(h) else {
                    return None;
                };
                self.went_wrong(&mut moment, h, task);
            }
            Step::CommitUnheard(h) => {
                let Phase::Committing { task, events, .. } = phase(h) else {
                    return None;
                };
                Self::store(&mut moment, &events);
                self.went_wrong(&mut moment, h, task);
            }
            Step::Rebuild(h) | Step::RebuildFails(h) => {
                let Phase::Rebuilding { task } = phase(h) else {
                    return None;
                };
                let host = &mut moment.hosts[usize::from(h)];
                host.handle = None;
                if step == Step::Rebuild(h) {
                    catch_up(host, &moment.log);
                } else {
                    moment.faults -= 1;
                }
                self.answer(&mut moment, h, task, Voter::Unanswered);
            }
            Step::ReadPage(h) => {
                let host = &mut moment.hosts[usize::from(h)];
                let known = host.handle.as_ref().map_or(0, Vec::len);
                host.page = moment.log.get(known..).map(<[Event]>::to_vec);
            }
            Step::ApplyPage(h) => {
                let host = &mut moment.hosts[usize::from(h)];
                let page = host.page.take()?;
                apply_page(host, &page);
            }
            Step::Crash(h) => {
                moment.crashes -= 1;
                Self::unlock(&mut moment, h);
                moment.hosts[usize::from(h)] = Host {
                    up: false,
                    handle: None,
                    phase: Phase::Idle,
                    page: None,
                };
                for voter in &mut moment.voters {
                    if *voter == Voter::Sent(h) {
                        *voter = Voter::Unanswered;
                    }
                }
            }
            Step::Restart(h) => moment.hosts[usize::from(h)].up = true,
        }
        Some(moment)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("no fork and no gap", |_, moment: &Moment| {
                let numbers = moment.log.iter().map(|event| event.seq);
                numbers.eq(1..=moment.head) && usize::from(moment.head) == moment.log.len()
            }),
            Property::always(
                "every event was decided on all before it",
                |_, moment: &Moment| {
                    moment.log.iter().enumerate().all(|(index, event)| {
                        // What stands between is of the same decision.
                        let own = moment.log[..index]
                            .iter()
                            .rev()
                            .take_while(|other| other.by == event.by && other.on == event.on);
                        usize::from(event.on) + own.count() == index
                    })
                },
            ),
            Property::always("nothing is stored twice", |_, moment: &Moment| {
                let once = |what: What| moment.log.iter().filter(|e| e.what == what).count() <= 1;
                moment.log.iter().all(|event| {
                    matches!(event.what, What::Begun | What::Failed | What::Retried)
                        || once(event.what)
                })
            }),
            Property::always(
                "the migration runs once, and is recorded",
                |_, moment: &Moment| {
                    let recorded = moment
                        .log
                        .iter()
                        .filter(|event| event.what == What::Applied);
                    moment.effects <= 1 && usize::from(moment.effects) == recorded.count()
                },
            ),
            Property::always(
                "a migration is begun before it ends",
                |_, moment: &Moment| {
                    (0..moment.log.len()).all(|at| {
                        let is_end = matches!(moment.log[at].what, What::Applied | What::Failed);
                        let is_begin = moment.log[at].what == What::Begun;
                        // Begun by whoever was first, once for each end.
                        !(is_end || is_begin) || is_begun(&moment.log[..at]) == is_end
                    })
                },
            ),
            Property::always(
                "what failed is begun again when somebody has said so",
                |_, moment: &Moment| {
                    (0..moment.log.len()).all(|at| {
                        moment.log[at].what != What::Begun || !has_failed(&moment.log[..at])
                    })
                },
            ),
            Property::always(
                "approved by the ballots that it takes",
                |_, moment: &Moment| {
                    let ballots = |event: &&Event| matches!(event.what, What::Ballot(_));
                    let approved = moment
                        .log
                        .iter()
                        .position(|event| event.what == What::Approved);
                    match approved {
                        Some(at) => {
                            moment.log[..at].iter().filter(ballots).count() == NEEDED
                                && moment.log[at..].iter().filter(ballots).count() == 0
                        }
                        None => moment.log.iter().filter(ballots).count() < NEEDED,
                    }
                },
            ),
            Property::always("no acknowledged ballot is lost", |_, moment: &Moment| {
                (0..).zip(&moment.voters).all(|(v, voter)| {
                    *voter != Voter::Acknowledged
                        || moment.log.iter().any(|event| event.what == What::Ballot(v))
                })
            }),
            Property::always(
                "no reader sees what may still roll back",
                |world: &World, moment: &Moment| {
                    moment.hosts.iter().all(|host| {
                        !world.is_quiet(host)
                            || host
                                .handle
                                .as_ref()
                                .is_none_or(|known| moment.log.starts_with(known))
                    })
                },
            ),
            Property::always(
                "what comes to rest is finished",
                |world: &World, moment: &Moment| {
                    let mut steps = Vec::new();
                    world.actions(moment, &mut steps);
                    steps.retain(|step| !matches!(step, Step::Crash(_) | Step::ReadPage(_)));
                    steps.retain(|step| !matches!(step, Step::ApplyPage(_)));
                    !steps.is_empty() || Self::is_finished(moment)
                },
            ),
            Property::sometimes("everything is done", |_, moment: &Moment| {
                Self::is_finished(moment)
            }),
            Property::sometimes(
                "a ballot is decided under the lock",
                |_, moment: &Moment| {
                    moment.hosts.iter().any(|host| {
                        matches!(
                            host.phase,
                            Phase::Committing {
                                task: Task::Ballot(_),
                                locked: true,
                                ..
                            }
                        )
                    })
                },
            ),
            Property::sometimes(
                "another host finishes the migration",
                |_, moment: &Moment| {
                    let by = |what| moment.log.iter().find(|e| e.what == what).map(|e| e.by);
                    by(What::Applied).is_some_and(|host| by(What::Approved) != Some(host))
                },
            ),
        ];
        // What the world is large enough for is reached, so that nothing above holds only because nothing happens.
        if self.failures > 0 {
            properties.push(Property::sometimes(
                "a migration succeeds after it failed",
                |_, moment: &Moment| {
                    let is = |what| moment.log.iter().any(|event| event.what == what);
                    is(What::Failed) && is(What::Applied)
                },
            ));
        }
        if self.faults > 0 {
            properties.push(Property::sometimes(
                "a stored ballot is not known to be",
                |_, moment: &Moment| {
                    (0..).zip(&moment.voters).any(|(v, voter)| {
                        *voter == Voter::Unanswered
                            && moment.log.iter().any(|event| event.what == What::Ballot(v))
                    })
                },
            ));
        }
        if self.crashes > 0 || self.faults > 1 {
            properties.push(Property::sometimes(
                "a state is read anew",
                |_, moment: &Moment| {
                    moment
                        .hosts
                        .iter()
                        .any(|host| host.up && host.handle.is_none())
                },
            ));
        }
        properties
    }
}
