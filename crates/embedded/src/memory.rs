//! How much memory there is to share.

/// Bytes of memory this process may count on: the machine's, or its control group's limit where that is less.
pub(crate) fn total_bytes() -> u64 {
    const GUESS_BYTES: u64 = 2 << 30;
    let machine = meminfo_bytes().or_else(sysctl_bytes).unwrap_or(GUESS_BYTES);
    let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok());
    machine.min(group.unwrap_or(u64::MAX))
}

fn meminfo_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

fn sysctl_bytes() -> Option<u64> {
    let output = std::process::Command::new("/usr/sbin/sysctl").args(["-n", "hw.memsize"]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
