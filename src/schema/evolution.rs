//! When stored artifacts follow a new version of their type.

/// The strategy of a type, or of one bump of its version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Evolution {
    /// All at once, before the new version is current.
    #[default]
    Batch,
    /// When they are read; they are stored as they were written.
    Lazy,
    /// When they are read for the first time; then they are stored as they were read.
    EagerOnRead,
}

impl Evolution {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Batch, Self::Lazy, Self::EagerOnRead];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Lazy => "lazy",
            Self::EagerOnRead => "eager_on_read",
        }
    }

    /// The strategy of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|evolution| evolution.name() == name)
    }
}
