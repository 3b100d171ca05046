//! Every order of events for two hosts on one log; and each rule dropped in turn, which must be noticed.

use schema_senate_models::append::{Rules, World};
use stateright::{Checker as _, HasDiscoveries, Model as _};

const SMALL: World = World {
    hosts: 2,
    voters: 2,
    crashes: 1,
    faults: 1,
    failures: 0,
    rules: Rules::ALL,
};

fn holds(world: World) {
    let checker = world.checker().threads(2).spawn_bfs().join();
    println!(
        "{} voters, {} crashes, {} faults, {} failed migrations: {} states, reached in {} ways",
        world.voters,
        world.crashes,
        world.faults,
        world.failures,
        checker.unique_state_count(),
        checker.state_count()
    );
    assert!(checker.is_done());
    checker.assert_properties();
}

/// Everything but a failing migration, for as many voters as it takes to approve.
#[test]
fn two_hosts_keep_one_log_whole() {
    holds(SMALL);
}

#[test]
fn a_failing_migration_is_picked_up_after_a_crash() {
    holds(World {
        faults: 0,
        failures: 1,
        ..SMALL
    });
}

#[test]
fn a_failing_migration_and_a_commit_that_goes_wrong_do_no_harm() {
    holds(World {
        crashes: 0,
        failures: 1,
        ..SMALL
    });
}

/// One more voter, who comes too late in some order.
#[test]
fn a_crash_among_three_voters_does_no_harm() {
    holds(World {
        voters: 3,
        faults: 0,
        ..SMALL
    });
}

#[test]
fn a_commit_that_goes_wrong_among_three_voters_does_no_harm() {
    holds(World {
        voters: 3,
        crashes: 0,
        ..SMALL
    });
}

/// Both hosts die, or one of them twice.
#[test]
fn two_crashes_do_no_harm() {
    holds(World {
        crashes: 2,
        faults: 0,
        ..SMALL
    });
}

fn noticed(rules: Rules, property: &'static str) {
    noticed_in(World { rules, ..SMALL }, property);
}

fn noticed_in(world: World, property: &'static str) {
    let rules = world.rules;
    let checker = world
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AllOf([property].into()))
        .spawn_bfs()
        .join();
    let path = checker
        .discovery(property)
        .unwrap_or_else(|| panic!("{property}: not noticed without {rules:?}"));
    println!(
        "{property}: noticed after {} steps",
        path.into_actions().len()
    );
}

#[test]
fn a_head_that_is_not_compared_is_noticed() {
    let rules = Rules {
        checks_head: false,
        ..Rules::ALL
    };
    noticed(rules, "no fork and no gap");
    noticed(rules, "every event was decided on all before it");
}

#[test]
fn a_head_that_is_not_locked_is_noticed() {
    let rules = Rules {
        locks_head: false,
        ..Rules::ALL
    };
    noticed(rules, "no fork and no gap");
    noticed(rules, "the migration runs once, and is recorded");
}

#[test]
fn a_state_that_is_not_rebuilt_is_noticed() {
    let rules = Rules {
        rebuilds: false,
        ..Rules::ALL
    };
    noticed(rules, "no reader sees what may still roll back");
    noticed(rules, "no acknowledged ballot is lost");
}

#[test]
fn readers_that_do_not_wait_are_noticed() {
    let rules = Rules {
        readers_wait: false,
        ..Rules::ALL
    };
    noticed(rules, "no reader sees what may still roll back");
}

#[test]
fn a_migration_looked_up_before_the_lock_is_noticed() {
    let rules = Rules {
        looks_under_lock: false,
        ..Rules::ALL
    };
    noticed(rules, "the migration runs once, and is recorded");
}

#[test]
fn a_migration_that_nobody_picks_up_is_noticed() {
    let rules = Rules {
        picks_up: false,
        ..Rules::ALL
    };
    noticed(rules, "what comes to rest is finished");
}

#[test]
fn a_ballot_that_is_not_known_again_is_noticed() {
    let rules = Rules {
        knows_again: false,
        ..Rules::ALL
    };
    noticed(rules, "nothing is stored twice");
}

#[test]
fn a_failed_migration_that_is_run_once_more_unasked_is_noticed() {
    let rules = Rules {
        goes_on_when_begun: false,
        ..Rules::ALL
    };
    let world = World {
        rules,
        faults: 0,
        failures: 1,
        ..SMALL
    };
    noticed_in(world, "a migration is begun before it ends");
}

#[test]
fn a_failed_migration_that_is_begun_again_unasked_is_noticed() {
    let rules = Rules {
        waits_for_retry: false,
        ..Rules::ALL
    };
    let world = World {
        rules,
        faults: 0,
        failures: 1,
        ..SMALL
    };
    noticed_in(
        world,
        "what failed is begun again when somebody has said so",
    );
}
