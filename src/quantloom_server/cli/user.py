"""`quantloom user`: accounts, for whoever runs the machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

import typer

from quantloom.cli.output import AsJson, print_json, print_table
from quantloom_server.identity.access import operating
from quantloom_server.identity.access.accounts import NewUser
from quantloom_server.identity.access.beginning import FirstAdmin, make_first_admin
from quantloom_server.identity.keys.gatekeeper import make_gatekeeper
from quantloom_server.identity.means import Means, open_means
from quantloom_server.platform.opening import open_parts
from quantloom_server.platform.parts import Parts
from quantloom_server.settings import Settings, read_settings
from quantloom_server.up import equip

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Make users and see to their accounts and roles.",
)
Result = TypeVar("Result")
Login = Annotated[str, typer.Argument(help="A username or an e-mail address.")]


@app.callback()
def user() -> None:
    """Make users and see to their accounts and roles."""


@app.command(epilog="Example: [bold]quantloom user create ada --email ada@example.com[/bold]")
def create(
    username: Annotated[str, typer.Argument(help="The new username.")],
    *,
    email: Annotated[str, typer.Option("--email", help="Where mails to the user go.")],
    role: Annotated[
        str, typer.Option("--role", help="admin, trader, researcher, risk, viewer, or your own.")
    ] = "researcher",
    as_json: AsJson = False,
) -> None:
    """Add an account to the operators' workspace, with a password for its first sign-in."""
    new = NewUser(username=username, email=email)
    password = _do(lambda parts, means: operating.create_user(parts, means, new, role=role))
    _tell_password(username, password, as_json=as_json)


@app.command(epilog="Example: [bold]quantloom user role ada trader[/bold]")
def role(login: Login, role: Annotated[str, typer.Argument(help="The role to give.")]) -> None:
    """Give an account a role in the operators' workspace; its sessions end."""
    _do(lambda parts, _: operating.give_role(parts, login, role=role))
    typer.echo(f"{login} is {role} now")


@app.command("list", epilog="Example: [bold]quantloom user list --name ada[/bold]")
def list_users(
    *,
    name: Annotated[
        str | None, typer.Option("--name", help="Only those whose names hold this.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List accounts, the newest first, 500 at most."""
    found = _do(lambda parts, _: operating.list_users(parts, named=name))
    rows = [
        {
            "username": each.username,
            "email": each.email,
            "role": each.role,
            "is_active": each.is_active,
            "created": each.created,
        }
        for each in found
    ]
    if as_json:
        print_json(rows)
        return
    headings = ("User", "E-mail", "Role", "Open", "Since")
    print_table("Accounts", headings, [tuple(str(value) for value in row.values()) for row in rows])


@app.command(epilog="Example: [bold]quantloom user unlock ada[/bold]")
def unlock(login: Login) -> None:
    """Let an account be tried again that was tried too often."""
    _do(lambda parts, means: operating.unlock_user(parts, means, login))
    typer.echo(f"{login} can sign in again")


@app.command(
    "reset-second-factor", epilog="Example: [bold]quantloom user reset-second-factor ada[/bold]"
)
def reset_second_factor(login: Login) -> None:
    """Take the second factor of somebody who lost it away; their sessions end."""
    _do(lambda parts, means: operating.reset_second_factor(parts, means, login))
    typer.echo(f"{login} signs in by the password alone now; a mail says so")


@app.command(epilog="Example: [bold]quantloom user password admin[/bold]")
def password(login: Login, *, as_json: AsJson = False) -> None:
    """Give an account a password for one sign-in; its sessions end."""
    given = _do(lambda parts, means: operating.give_password(parts, means, login))
    _tell_password(login, given, as_json=as_json)


@app.command(epilog="Example: [bold]quantloom user first[/bold]; `quantloom up` does this itself")
def first(*, as_json: AsJson = False) -> None:
    """Make the first administrator, where there is none."""
    made: FirstAdmin | None = _do(make_first_admin)
    if made is None:
        typer.echo("[]" if as_json else "there is an administrator already")
        return
    _tell_password(made.username, made.password, as_json=as_json)


def _do(work: Callable[[Parts, Means], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with _opened(equip(read_settings())) as (parts, means):
            return await work(parts, means)

    return asyncio.run(run())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Parts, Means]]:
    with open_means(settings) as means:
        async with open_parts(settings, make_gatekeeper) as parts:
            yield parts, means


def _tell_password(username: str, password: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"username": username, "one_time_password": password})
        return
    typer.echo(f"sign in as {username} with the password {password}; it must be changed then")
