"""The command that prints completion for a shell: `completion`. click makes it for three; PowerShell's stands here."""

import os

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from keeplit.ui.cli import COMPLETE, DONE, cli

PROGRAM = "keeplit"
WHERE = {
    "bash": '# Into ~/.bashrc: eval "$(keeplit completion bash)"',
    "zsh": '# Into ~/.zshrc, after compinit: eval "$(keeplit completion zsh)"',
    "fish": "# Once: keeplit completion fish > ~/.config/fish/completions/keeplit.fish",
    "powershell": "# Into $PROFILE: keeplit completion powershell | Out-String | Invoke-Expression",
}


@add_completion_class
class PowerShell(ShellComplete):
    """Completion for PowerShell 5 and later: the words of the line and the one at the cursor, in two variables."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $line, $cursor)
    $before = $line.Extent.Text
    if ($before.Length -gt $cursor) { $before = $before.Substring(0, $cursor) }
    $env:%(complete_var)s = "powershell_complete"; $env:COMP_WORDS = $before; $env:COMP_CWORD = $word
    try {
        %(prog_name)s | ForEach-Object {
            $value, $about = $_ -split "`t", 2
            if (-not $about) { $about = $value }
            $shown = if ($value -match '[\\s"'']') { "'" + $value.Replace("'", "''") + "'" } else { $value }
            [System.Management.Automation.CompletionResult]::new($shown, $value, "ParameterValue", $about)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD -ErrorAction SilentlyContinue
    }
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor's, and that one."""
        words = split_arg_string(os.environ.get("COMP_WORDS", ""))[1:]
        begun = os.environ.get("COMP_CWORD", "")
        return (words[:-1] if begun and words else words), begun

    def format_completion(self, item: CompletionItem) -> str:
        """Return one line for one value."""
        return f"{item.value}\t{(item.help or '').strip()}"


@click.command()
@click.argument("shell", type=click.Choice(list(WHERE)))
def completion(*, shell: str) -> int:
    """Print what makes a shell complete keeplit's commands, options, profiles, regions and models.

    Example: eval "$(keeplit completion bash)"
    """
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"{shell} is not known to this version of click")
    click.echo(WHERE[shell])
    click.echo(made(cli, {}, PROGRAM, COMPLETE).source())
    return DONE


COMMANDS = (completion,)
