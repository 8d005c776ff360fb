"""What the help desk says to a family on the telephone: one sentence for each state of the account."""

from shared.models.accounts import Account, AccountState

ADVICE = {
    AccountState.NOT_NOTIFIED: "Rien n'a encore été envoyé à cette famille : son établissement doit la notifier.",
    AccountState.NOTIFIED: "Un identifiant et un mot de passe provisoire lui ont été envoyés, à taper sur le portail. "
    "Si elle ne les a plus, « Je n'ai pas reçu mon identifiant » sur le portail, ou son établissement, qui les "
    "renverra. Vous ne pouvez ni les voir ni les changer.",
    AccountState.ACTIVATING: "La famille a choisi son mot de passe : il lui reste à ouvrir le courriel d'activation et "
    "à appuyer sur son bouton. Faites-lui dire l'adresse ; si c'est celle-ci, regardez avec elle dans les "
    "indésirables, puis renvoyez le courriel. Si elle est fausse, la famille la corrige en se connectant avec "
    "son identifiant et le mot de passe choisi, ou l'établissement le fait.",
    AccountState.ACTIVE: "Le compte marche. Mot de passe perdu : « Mot de passe oublié » sur le portail, avec "
    "l'identifiant ou l'adresse e-mail ; un lien part à l'adresse du compte. Le mot de passe du courrier ne sert plus.",
    AccountState.DISABLED: "Le compte a été fermé par l'établissement : lui seul peut le rouvrir.",
    AccountState.MERGED: "La famille a réuni ce compte avec un autre : elle se connecte avec l'autre identifiant, que "
    "le portail lui dit quand elle tape celui-ci et son mot de passe.",
}
TO_CHANGE = (
    "L'établissement a donné un nouveau mot de passe provisoire : la famille tape celui de la dernière lettre, ou du "
    "dernier courriel, puis en choisit un autre."
)


def advice(account: Account) -> str:
    """What to say to the holder of `account` as it is now."""
    waits = account.state is AccountState.ACTIVE and account.must_change_password
    return TO_CHANGE if waits else ADVICE[account.state]
