//! The migrations, functions and policies are compiled in, so a changed SQL file must rebuild the crate.

fn main() {
    for folder in ["migrations", "functions", "policies"] {
        println!("cargo:rerun-if-changed=../../db/{folder}");
    }
}
