"""`python -m cec_credits <command>`."""

from cec_chassis.cli import service_cli
from cec_credits.service import SERVICE

cli = service_cli(SERVICE)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
