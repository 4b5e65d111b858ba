"""The command that prints completion for a shell: `completion`. click knows the commands; the shells' parts stand here.

Law: what Tab writes is the value as the shell will read it. click's own part for bash leaves names with a space or a
quote as they are, its part for zsh takes ``--profile=`` and backslashes away, and its part for fish cuts what has a
comma.
"""

import os
from collections.abc import Sequence

import click
from click.shell_completion import (
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from keeplit.core import bash_line
from keeplit.core.exit_codes import DONE
from keeplit.ui.cli import COMPLETE, cli

PROGRAM = "keeplit"
WHERE = {
    "bash": '# Into ~/.bashrc: eval "$(keeplit completion bash)"',
    "zsh": '# Into ~/.zshrc, after compinit: eval "$(keeplit completion zsh)"',
    "fish": "# Once: keeplit completion fish > ~/.config/fish/completions/keeplit.fish",
    "powershell": "# Into $PROFILE: keeplit completion powershell | Out-String | Invoke-Expression",
}


def joined(items: Sequence[CompletionItem], begun: str) -> list[CompletionItem]:
    """Return the values with the option in front of them that a person joined to what they began: ``--profile=w``."""
    option, equals, _ = begun.partition("=")
    if not equals or not option.startswith("--"):
        return list(items)
    return [CompletionItem(f"{option}={item.value}", item.type, item.help) for item in items]


@add_completion_class
class Bash(ShellComplete):
    """Completion for bash: the line up to the cursor, and the text that its editor replaces, in two variables."""

    name = "bash"
    source_template = """\
%(complete_func)s() {
    local value
    COMPREPLY=()
    while IFS= read -r value; do
        COMPREPLY+=("$value")
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORD="$2" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null || complete -F %(complete_func)s %(prog_name)s
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor's, and that one."""
        *words, begun = bash_line.words(os.environ.get("COMP_LINE", ""))
        return words[1:], begun

    def complete(self) -> str:
        """Return one line for one value: what stands in the place of the text that is replaced."""
        words, begun = self.get_completion_args()
        values = [item.value for item in joined(self.get_completions(words, begun), begun)]
        line, replaced = os.environ.get("COMP_LINE", ""), os.environ.get("COMP_WORD", "")
        return "\n".join(bash_line.replies(line, replaced, values))


@add_completion_class
class Zsh(ZshComplete):
    """Completion for zsh: the words up to the cursor alone, since an empty one would be lost before others."""

    source_template = ZshComplete.source_template.replace('"${words[*]}"', '"${words[1,CURRENT]}"')

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return the values as whole words."""
        return joined(super().get_completions(args, incomplete), incomplete)

    def format_completion(self, item: CompletionItem) -> str:
        """Return the lines of one value; zsh takes a backslash away where something is said about the value."""
        value = item.value.replace("\\", "\\\\") if item.help else item.value
        return super().format_completion(CompletionItem(value, item.type, item.help))


@add_completion_class
class Fish(FishComplete):
    """Completion for fish."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return the values as whole words."""
        return joined(super().get_completions(args, incomplete), incomplete)


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
            $shown = if ($value -match '[^\\w./:=+\\\\-]') { "'" + $value.Replace("'", "''") + "'" } else { $value }
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

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return the values as whole words."""
        return joined(super().get_completions(args, incomplete), incomplete)

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
