//! What a build sees of the machine it runs on. Needs bubblewrap, as CI has it.

use plimsoll_core::status::SandboxLevel;

use crate::rig::{Rig, repo_of};

#[tokio::test]
async fn a_sandboxed_build_sees_neither_tokens_nor_homes_and_changes_nothing_outside() {
    let hidden = tempfile::tempdir().unwrap();
    std::fs::write(hidden.path().join("data.txt"), "private-data").unwrap();
    let path = hidden.path().to_owned();
    let rig = Rig::with(|config| {
        config.sandbox = plimsoll_runner::SandboxChoice::Bubblewrap;
        config.hidden_paths = vec![path.clone()];
    })
    .await;
    let script = format!(
        "cat {work}/runner.json || echo no token\n\
         cat {hidden}/data.txt || echo no data\n\
         ls -A {home} | grep -v -e cargo -e rustup -e pyenv -e nvm || echo no home\n\
         touch /usr/x /etc/x 2>/dev/null || echo no writing\n\
         [ $(ls -d /proc/[0-9]* | wc -l) -lt 10 ] && echo own processes\n\
         touch /tmp/mine $HOME/mine $PLIMSOLL_CACHE/mine here && git status --short && echo writes at home\n\
         [ -z \"$(ls -A /tmp | grep -v -e mine -e plimsoll -e .tmp)\" ] && echo own tmp",
        work = rig.work_dir().display(),
        hidden = hidden.path().display(),
        home = std::env::var("HOME").unwrap(),
    );
    let build = rig.build(&repo_of(&script)).await;
    build.assert_success();
    let text = build.text();
    for line in
        ["no token", "no data", "no home", "no writing", "own processes", "?? here", "writes at home", "own tmp"]
    {
        assert!(text.contains(&format!("\n{line}\n")), "{line:?} is missing in\n{text}");
    }
    assert!(text.contains("sandbox: bubblewrap ("));
    assert_eq!(build.commit.unwrap().sandbox_level, SandboxLevel::Bubblewrap);
    assert!(!std::path::Path::new("/tmp/mine").exists());
    rig.stop().await;
}

#[tokio::test]
async fn tool_chains_work_inside() {
    let rig = Rig::sandboxed().await;
    let build = rig.build(&repo_of("cargo --version; git --version; python3 --version || true")).await;
    build.assert_success();
    assert!(build.text().contains("\ncargo 1."), "{}", build.text());
    rig.stop().await;
}
