//! A budget of work that does not depend on the machine: the same question always stops at the same place.

/// The steps that are left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    left: u64,
}

/// The budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent;

impl Steps {
    pub fn new(budget: u64) -> Self {
        Self { left: budget }
    }

    /// The steps that are left.
    pub fn left(self) -> u64 {
        self.left
    }

    /// Uses `count` steps. When there are fewer left, none is left afterwards.
    pub fn take(&mut self, count: u64) -> Result<(), Spent> {
        match self.left.checked_sub(count) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Spent)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_used_up_and_stays_so() {
        let mut steps = Steps::new(5);
        assert_eq!(steps.take(3), Ok(()));
        assert_eq!(steps.take(2), Ok(()));
        assert_eq!(steps.take(0), Ok(()));
        assert_eq!(steps.take(1), Err(Spent));
        let mut steps = Steps::new(5);
        assert_eq!(steps.take(6), Err(Spent));
        assert_eq!(steps.take(1), Err(Spent));
    }
}
