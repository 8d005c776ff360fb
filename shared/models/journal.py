"""The append-only trail (R27); triggers of the database refuse to change or delete its rows."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import Establishment


class ActorKind(enum.StrEnum):
    """Who caused an event."""

    STAFF = "staff"
    ACCOUNT = "account"
    SYSTEM = "system"
    COMMAND = "command"
    ANONYMOUS = "anonymous"


class Action(enum.StrEnum):
    """What an event tells of; each has words for staff, and for the holder of the account it may concern (R27).

    Rows outlive the code: the journal may hold actions of another version, so the column takes any text.
    """

    ACCOUNT_ABSORBED = "account_absorbed"
    ACCOUNT_ACTIVATED = "account_activated"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_EXPIRED = "account_expired"
    ACCOUNT_GENERATED = "account_generated"
    ACCOUNT_KEPT = "account_kept"
    ACCOUNT_NOTIFIED = "account_notified"
    ACCOUNT_UNBLOCKED = "account_unblocked"
    ACCOUNTS_GENERATED = "accounts_generated"
    ACCOUNTS_MERGED = "accounts_merged"
    ACTIVATION_RESENT = "activation_resent"
    BASE_RELEASED = "base_released"
    BASE_RESTORED = "base_restored"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    CAMPAIGN_LAUNCHED = "campaign_launched"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_RESUMED = "campaign_resumed"
    CODE_REFUSED = "code_refused"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONTACT_CHANGED = "contact_changed"
    DELEGATION_CHANGED = "delegation_changed"
    DELEGATION_ENDED = "delegation_ended"
    DUPLICATE_REFERRAL_UNDONE = "duplicate_referral_undone"
    DUPLICATE_REFERRED = "duplicate_referred"
    DUPLICATE_SKIPPED = "duplicate_skipped"
    DUPLICATES_ALERT_CHANGED = "duplicates_alert_changed"
    DUPLICATES_ANNOUNCED = "duplicates_announced"
    DUPLICATES_LOT = "duplicates_lot"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    EMAIL_CORRECTED = "email_corrected"
    ENT_CHANGED = "ent_changed"
    ENT_CLOSED = "ent_closed"
    ENT_KEY_REPLACED = "ent_key_replaced"
    ENT_LEADS_ELSEWHERE = "ent_leads_elsewhere"
    ENT_LEADS_HERE = "ent_leads_here"
    ENT_LINK_ADDED = "ent_link_added"
    ENT_LINK_CHANGED = "ent_link_changed"
    ENT_LINK_RESTORED = "ent_link_restored"
    ENT_LINK_RETIRED = "ent_link_retired"
    ENT_OPENED = "ent_opened"
    ENT_SERVICE_ADDED = "ent_service_added"
    ENT_SERVICE_CHANGED = "ent_service_changed"
    ENT_SERVICE_OPENED = "ent_service_opened"
    ENT_SERVICE_SHUT = "ent_service_shut"
    ESTABLISHMENT_CORRECTED = "establishment_corrected"
    ESTABLISHMENT_CREATED = "establishment_created"
    ESTABLISHMENT_FOLLOWS_FILES = "establishment_follows_files"
    EXPORTED = "exported"
    FACTOR_REMOVED = "factor_removed"
    FACTOR_RESET = "factor_reset"
    FACTOR_SET = "factor_set"
    FIRST_LOGIN = "first_login"
    GUARDIANS_FUSED = "guardians_fused"
    GUARDIANS_FUSION_UNDONE = "guardians_fusion_undone"
    HOLD_DECIDED = "hold_decided"
    IDENTIFIER_RENEWED = "identifier_renewed"
    IDENTITY_JOINED = "identity_joined"
    IDENTITY_PARTED = "identity_parted"
    IDENTITY_FOLLOWED = "identity_followed"
    IDENTITY_NOW_ANOTHER = "identity_now_another"
    IDENTITY_NOW_ONE = "identity_now_one"
    IDENTITY_SEEN = "identity_seen"
    IMPORT_ABANDONED = "import_abandoned"
    IMPORT_CONFIRMED = "import_confirmed"
    IMPORT_LOSSES_SEEN = "import_losses_seen"
    IMPORT_UPLOADED = "import_uploaded"
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_REFUSED = "invitation_refused"
    JOURNAL_PURGED = "journal_purged"
    LANGUAGE_CHOSEN = "language_chosen"
    LETTER_CHANGED = "letter_changed"
    LETTER_RESET = "letter_reset"
    LETTER_RETURN_UNDONE = "letter_return_undone"
    LETTER_RETURNED = "letter_returned"
    LETTERS_DOWNLOADED = "letters_downloaded"
    LETTERS_REMOVED = "letters_removed"
    LINK_ADDED = "link_added"
    LINK_CHANGED = "link_changed"
    LINK_DELETED = "link_deleted"
    LINK_RESTORED = "link_restored"
    LINKS_ORDERED = "links_ordered"
    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    LOGIN = "login"
    LOGIN_REFUSED = "login_refused"
    LOGO_CHANGED = "logo_changed"
    LOGO_REMOVED = "logo_removed"
    MAILS_REFUSED = "mails_refused"
    MERGE_UNDONE = "merge_undone"
    NOT_A_DUPLICATE = "not_a_duplicate"
    NOT_A_DUPLICATE_UNDONE = "not_a_duplicate_undone"
    NOTIFICATION_RETRIED = "notification_retried"
    OPENID_CLIENT_ADDED = "openid_client_added"
    OPENID_CLIENT_CHANGED = "openid_client_changed"
    OPENID_CLIENT_OPENED = "openid_client_opened"
    OPENID_CLIENT_SHUT = "openid_client_shut"
    OPENID_KEY_REPLACED = "openid_key_replaced"
    OPENID_SECRET_RENEWED = "openid_secret_renewed"  # noqa: S105 - the name of an event
    OWN_DATA_DOWNLOADED = "own_data_downloaded"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REFUSED = "passkey_refused"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_RENAMED = "passkey_renamed"
    PASSKEYS_REMOVED = "passkeys_removed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    PASSWORD_RENEWED = "password_renewed"  # noqa: S105 - the name of an event
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105 - the name of an event
    PROVIDED_ROLE_GIVEN = "provided_role_given"
    PROVIDED_ROLE_TAKEN = "provided_role_taken"
    PROVIDER_ADDED = "provider_added"
    PROVIDER_CHANGED = "provider_changed"
    PROVIDER_OPENED = "provider_opened"
    PROVIDER_SHUT = "provider_shut"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    RECORDS_ERASED = "records_erased"
    REFUSALS_SEEN = "refusals_seen"
    SCHOOL_IMPORTED = "school_imported"
    SECURITY_POLICY_CHANGED = "security_policy_changed"
    SELF_ACTIVATED = "self_activated"
    SELF_ACTIVATION_ASKED = "self_activation_asked"
    SELF_ACTIVATION_CLOSED = "self_activation_closed"
    SELF_ACTIVATION_OPENED = "self_activation_opened"
    SELF_ACTIVATION_REFUSED = "self_activation_refused"
    SERVICE_ADDED = "service_added"
    SERVICE_CHANGED = "service_changed"
    SERVICE_CLOSED = "service_closed"
    SERVICE_ENTERED = "service_entered"
    SERVICE_OPENED = "service_opened"
    SERVICE_RESTORED = "service_restored"
    SERVICE_RETIRED = "service_retired"
    SERVICES_ORDERED = "services_ordered"
    SMS_CLOSED = "sms_closed"
    SMS_OPENED = "sms_opened"
    STAGE_PASSED = "stage_passed"
    STAGE_PROPOSED = "stage_proposed"
    STAGED_ENDED = "staged_ended"
    STAGED_STARTED = "staged_started"
    STAGED_STOPPED = "staged_stopped"
    STAFF_CLOSED = "staff_closed"
    STAFF_CREATED = "staff_created"
    STAFF_EMAIL_ASKED = "staff_email_asked"
    STAFF_EMAIL_CHANGED = "staff_email_changed"
    STAFF_LOGIN = "staff_login"
    STAFF_LOGIN_REFUSED = "staff_login_refused"
    STAFF_OPENED = "staff_opened"
    STAFF_PASSWORD_CHANGED = "staff_password_changed"  # noqa: S105 - the name of an event
    STAFF_PASSWORD_HANDED_OVER = "staff_password_handed_over"  # noqa: S105 - the name of an event
    STAFF_RESET = "staff_reset"
    STAFF_ROLE_REMOVED = "staff_role_removed"
    TIE_CONFIRMED = "tie_confirmed"
    TIE_PROPOSED = "tie_proposed"
    TIE_REFUSED = "tie_refused"
    WELCOME_MESSAGE_CHANGED = "welcome_message_changed"
    WRONG_CHILD_ANSWERED = "wrong_child_answered"
    WRONG_CHILD_REPORTED = "wrong_child_reported"


# Written out, values and all: a database reads such an index only for a question that says the same words.
OF_ACADEMY = text("coalesce(establishment_id, account_id) IS NULL AND action <> 'login_refused'")
"""Which events are of no school and of no family; what strangers tried on the portal is left out."""
IN_SCHOOLS = text("actor_kind = 'staff' AND account_id IS NULL AND establishment_id IS NOT NULL")
"""Which events staff caused in a school, those on one account left out."""


class JournalEvent(Base):
    """Who, when, what, on whom, from where. No foreign keys: the trail outlives what it tells of."""

    __tablename__ = "journal_event"
    __table_args__ = (
        Index("ix_journal_event_establishment_id_id", "establishment_id", "id"),
        Index("ix_journal_event_account_id_id", "account_id", "id"),
        # Where a member of staff logged in from before is asked at each login.
        Index(
            "ix_journal_event_staff_login",
            "actor_id",
            sqlite_where=text("action = 'staff_login'"),
            postgresql_where=text("action = 'staff_login'"),
        ),
        Index("ix_journal_event_of_academy", "id", sqlite_where=OF_ACADEMY, postgresql_where=OF_ACADEMY),
        Index("ix_journal_event_in_schools", "actor_id", "id", sqlite_where=IN_SCHOOLS, postgresql_where=IN_SCHOOLS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(50))
    actor_kind: Mapped[ActorKind] = mapped_column(one_of(ActorKind, "actor_kind"))
    actor_id: Mapped[int | None] = mapped_column()
    actor_name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(45))
    """The network address it came from."""
    establishment_id: Mapped[int | None] = mapped_column()
    account_id: Mapped[int | None] = mapped_column()
    subject: Mapped[str] = mapped_column(String(200), default="")
    """On whom, in words that still mean something after an erasure: an identifier, a UAI, a label."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    establishment: Mapped[Establishment | None] = relationship(
        primaryjoin=lambda: foreign(JournalEvent.establishment_id) == Establishment.id, viewonly=True, lazy="raise"
    )
    """None also for one that is gone."""
