"""`python -m cec_credits <command>`."""

from cec_chassis.cli import service_cli
from cec_credits.evaluate import evaluate
from cec_credits.service import SERVICE

cli = service_cli(SERVICE)
cli.command()(evaluate)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
