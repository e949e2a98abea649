//! The command `gl`; everything it does is in [`gl::cli`].

fn main() -> std::process::ExitCode {
    gl::cli::main()
}
