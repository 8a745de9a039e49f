//! Requests that are made again where they may work a little later.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cluster::ApiError;

/// The first pause between two tries; each is twice as long as the one before, up to the last one.
const FIRST: Duration = Duration::from_millis(100);
const LAST: Duration = Duration::from_secs(5);

/// Makes a request until it is answered, or until `limit` has passed.
pub(crate) async fn persist<T>(
    limit: Duration,
    mut request: impl AsyncFnMut() -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let begun = Instant::now();
    let mut pause = FIRST;
    loop {
        match request().await {
            Err(error) if error.is_passing() && begun.elapsed() + pause < limit => sleep(pause).await,
            answer => return answer,
        }
        pause = (pause * 2).min(LAST);
    }
}
