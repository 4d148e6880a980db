//! How often somebody may try to sign in: failures are few by address and by account, all tries bounded by address.

use std::net::IpAddr;
use std::time::Instant;

use uuid::Uuid;

use crate::auth::rate_limit::{Key, network};
use crate::error::ApiError;
use crate::state::AppState;

/// A try counts as failed from its beginning, so that many at once are no more than one after the other, and is given
/// back where it was not.
pub(crate) struct SignInTry<'a> {
    state: &'a AppState,
    counted: Vec<Key>,
    now: Instant,
}

impl<'a> SignInTry<'a> {
    pub(crate) fn from_address(state: &'a AppState, address: IpAddr) -> Result<Self, ApiError> {
        let mut begun = Self { state, counted: Vec::new(), now: Instant::now() };
        let address = network(address);
        // Never given back: each try costs a password's hash.
        let all = state.limits.take(Key::SignIns(address), state.config.rates.sign_ins, begun.now);
        all.map_err(ApiError::too_many_requests)?;
        begun.count(Key::SignInAddress(address))?;
        Ok(begun)
    }

    /// By somebody who is signed in and proves it again.
    pub(crate) fn of_person(state: &'a AppState, user_id: Uuid) -> Result<Self, ApiError> {
        let mut begun = Self { state, counted: Vec::new(), now: Instant::now() };
        begun.count(Key::SignInAccount(user_id.to_string()))?;
        Ok(begun)
    }

    pub(crate) fn of_account(&mut self, email: &str) -> Result<(), ApiError> {
        self.count(Key::SignInAccount(email.trim().to_lowercase().chars().take(320).collect()))
    }

    /// The try came to this: only a refusal is a failure of whoever tried.
    pub(crate) fn ended<T>(self, result: Result<T, ApiError>) -> Result<T, ApiError> {
        if result.as_ref().err().is_none_or(|error| error.status().is_server_error()) {
            for key in &self.counted {
                self.state.limits.give_back(key, self.now);
            }
        }
        result
    }

    fn count(&mut self, key: Key) -> Result<(), ApiError> {
        let taken = self.state.limits.take(key.clone(), self.state.config.rates.sign_in, self.now);
        taken.map_err(ApiError::too_many_requests)?;
        self.counted.push(key);
        Ok(())
    }
}
