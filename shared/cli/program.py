"""The `teleservices` program: which commands there are, found without reading them, and how refusals end."""

from importlib import import_module
from typing import Any, NamedTuple

import click

from shared.cli.refusing import refuse, tell_as_json
from shared.refusals import sentence_for

HELP = "Montrer cette aide."


class Entry(NamedTuple):
    """A command as the help lists it."""

    home: str
    """Where it is written: a module of this package, and its name there."""
    summary: str
    """The first sentence of its own help, which a test compares with this one."""
    writes_letters: bool = False
    """When it is told `--pdf` and `--yes`."""


COMMANDS = {
    "init-db": Entry("preparing:init_db", "Créer la base de données, ou la mettre à jour."),
    "downgrade": Entry(
        "preparing:downgrade",
        "Ramener la base aux tables d'une version précédente ; sans --yes, dire seulement ce qui serait défait.",
    ),
    "demo": Entry(
        "school.demonstration:demo",
        "Préparer une démonstration : deux établissements inventés, importés, et leurs personnels.",
    ),
    "make-siecle": Entry(
        "school.invention:make_siecle", "Écrire dans DIRECTORY les exports SIECLE d'établissements inventés."
    ),
    "import": Entry(
        "school.importing:import_",
        "Importer les fichiers SIECLE d'un établissement (xml ou zip, dans n'importe quel ordre).",
    ),
    "generate-accounts": Entry(
        "school.generating:generate_accounts", "Générer les comptes qui manquent dans un établissement."
    ),
    "accounts": Entry("school.directory:accounts", "Lister les comptes d'un établissement (jamais les mots de passe)."),
    "duplicates": Entry(
        "school.duplicates:duplicates", "Lister les fiches de responsables qui sont sans doute la même personne."
    ),
    "crossed-accounts": Entry(
        "school.crossed:crossed",
        "Lister, sans rien changer, les comptes qui semblent être passés d'une personne à une autre.",
    ),
    "notify": Entry(
        "notifying:notify",
        "Notifier les comptes de responsables ; sans --yes, dire seulement ce qui serait fait.",
        writes_letters=True,
    ),
    "remind": Entry(
        "reminding:remind",
        "Rappeler « vous avez déjà un compte » à qui attend ; sans --yes, dire seulement ce qui serait fait.",
        writes_letters=True,
    ),
    "expire": Entry("working:expire", "Effacer les comptes que personne n'a activés en trois mois ; pour cron."),
    "daily": Entry(
        "working:daily", "Faire le travail de chaque jour : effacements, ménage ; pour cron, sans le travail de fond."
    ),
    "retention": Entry(
        "working:retention",
        "Effacer ce dont la durée de conservation est passée ; avec --dry-run, dire seulement ce qui vient.",
    ),
    "create-staff": Entry(
        "staff:create_staff",
        "Créer un chef d'établissement (head), un administrateur d'académie (academy), ou l'assistance (help_desk).",
    ),
    "reset-staff": Entry(
        "staff:reset_staff",
        "Rendre son accès à un personnel : nouveau mot de passe, double authentification retirée, accès rouvert.",
    ),
    "journal": Entry(
        "trail:journal",
        "Écrire le journal de toute l'académie, du plus ancien au plus récent, une ligne par événement.",
    ),
    "status": Entry(
        "watching:status",
        "Dire comment va l'installation ; code 0 (bien), 1 (attention) ou 2 (critique), comme la surveillance "
        "l'attend.",
    ),
    "check": Entry(
        "watching:check",
        "Essayer chaque réglage : base, Redis, courriel, clé, dossiers, horloge, adresses ; mêmes codes que "
        "« status ».",
    ),
    "sso": Entry(
        "sso:sso", "Essayer les fournisseurs d'identité, et le portail comme fournisseur des téléservices et des ENT."
    ),
    "metrics": Entry("watching:metrics", "Servir à Prometheus ce que dit la base, jusqu'à ce qu'on l'arrête."),
    "backup": Entry(
        "saving:backup",
        "Copier la base, les fichiers en attente et le thème dans un dossier nouveau, pendant que tout tourne.",
    ),
    "restore": Entry(
        "saving:restore", "Remettre une copie dans une base vide ; ce qui attendait est retenu jusqu'à « release »."
    ),
    "hold": Entry(
        "saving:hold", "Retenir ce qui attend, après une restauration faite autrement (pgBackRest, machine virtuelle)."
    ),
    "release": Entry(
        "saving:release_command",
        "Dire ce qui partirait de nouveau après une restauration ; avec --yes ou --drop, relâcher.",
    ),
    "worker": Entry("working:worker", "Travailler en fond : courriels, courriers, imports, travail de chaque jour."),
    "serve": Entry("serving:serve", "Servir les deux applications et un travail de fond, sur une seule machine."),
}
"""In the order in which one needs them."""
HIDDEN = {
    "mailbox": "serving:mailbox",
    "demo-service": "serving:demo_service",
    "demo-lemonldap": "serving:demo_lemonldap",
}
"""What processes of ours start, and nobody types."""


class Program(click.Group):
    """Reads a command when it is asked for: its help, and each command, load what they need and nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which one needs them."""
        return [*COMMANDS, *HIDDEN]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed; what will lay out its letters is read meanwhile, by another process."""
        if not ctx.resilient_parsing and _writes_letters(args):
            # By no other command; nor is this read for a shell that completes what is typed.
            from shared.apart import begin_to_load

            begin_to_load()
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        home = COMMANDS[cmd_name].home if cmd_name in COMMANDS else HIDDEN.get(cmd_name)
        if home is None:
            return None
        module, _, name = home.partition(":")
        # Not for the help of the program, which reads no command.
        from shared.loading.lasting import lasting

        with lasting():
            command: click.Command = getattr(import_module(f"{__package__}.{module}"), name)
        _say_help_in_french(command.get_help_option(ctx))
        return command

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option of the program itself, in French as that of each command."""
        return _say_help_in_french(super().get_help_option(ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them, in their own words, without reading them."""
        longest = max(map(len, COMMANDS))
        room = formatter.width - 6 - longest
        with formatter.section("Commands"):
            formatter.write_dl([(name, _within(room, entry.summary)) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click declares it
        """Run the command that was asked for; a refusal becomes a sentence and an exit status, not a traceback."""
        try:
            return super().invoke(ctx)
        except click.UsageError as wrong:
            tell_as_json(wrong.format_message())
            raise
        except Exception as error:
            sentence = sentence_for(error)
            if sentence is None:
                raise
            refuse(sentence)


def _writes_letters(typed: list[str]) -> bool:
    """Whether a command with its options makes letters, as far as that is seen before they are read."""
    name, *options = typed
    given = {option.partition("=")[0] for option in options}
    return name in COMMANDS and COMMANDS[name].writes_letters and {"--pdf", "--yes"} <= given


def _say_help_in_french(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = HELP
    return option


def _within(room: int, summary: str) -> str:
    """The summary as `click` would shorten it."""
    return click.Command(None, help=summary).get_short_help_str(room)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="teleservices", help="Montrer la version.")
def teleservices() -> None:
    """Administration des téléservices."""
