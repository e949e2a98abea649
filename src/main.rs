//! The command `gl`; everything it does is in [`gl::cli`].

/// Findings are many small texts: a third of the time of `gl check` went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gl::cli::main()
}
