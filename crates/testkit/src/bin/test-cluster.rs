//! `test-cluster url` starts the tests' shared cluster if need be and prints a superuser's URL; `test-cluster stop` stops
//! it.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("url") => println!("{}", plimsoll_testkit::server::url().await),
        Some("stop") => {
            let was = if plimsoll_testkit::server::stop().await { "stopped" } else { "was not running" };
            eprintln!("the test cluster {was}");
        }
        _ => {
            eprintln!("usage: test-cluster url|stop");
            return std::process::ExitCode::from(2);
        }
    }
    std::process::ExitCode::SUCCESS
}
