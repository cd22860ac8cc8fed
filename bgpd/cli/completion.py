"""`bgpctl completion`: the shell's completion script."""

import click
from click.shell_completion import get_completion_class


@click.command(
    epilog="""\
\b
Examples:
  bgpctl completion bash > /etc/bash_completion.d/bgpctl
  bgpctl completion zsh > "${fpath[1]}/_bgpctl"
  bgpctl completion fish > ~/.config/fish/completions/bgpctl.fish
"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the shell's completion script."""
    maker = get_completion_class(shell)
    if maker is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(maker(context.find_root().command, {}, "bgpctl", "_BGPCTL_COMPLETE").source())
