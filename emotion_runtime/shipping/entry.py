"""Owns the first lines that a bundle's executable runs: the `emotion-runtime` command."""

from emotion_runtime.kernels.shipped import use_shipped

if __name__ == "__main__":
    use_shipped()  # before anything imports numba, which reads its settings once
    from emotion_runtime.cli import main

    main()
