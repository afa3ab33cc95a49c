"""Who calls: HTTP Basic with an account's SID and token, or with an API key and its secret."""

import hmac

from werkzeug.wrappers import Request

from compliance.sandbox.errors import unauthenticated
from compliance.sandbox.records import Account
from compliance.sandbox.state import State


def caller(state: State, request: Request) -> Account:
    """The account that the credentials belong to, else 20003. On numbers.twilio.com it alone
    decides whose objects are seen: those addresses carry no account.
    """
    given = request.authorization
    if given is None or given.type != "basic" or not given.username:
        raise unauthenticated()
    username, password = given.username, given.password or ""
    key = state.api_keys.get(username)
    account = state.accounts.get(key.account_sid if key else username)
    if account is None or account.status == "closed":
        raise unauthenticated()
    expected = key.secret if key else account.auth_token
    if not hmac.compare_digest(expected.encode(), password.encode()):
        raise unauthenticated()
    return account


def may_act_for(caller: Account, owner: Account | None) -> bool:
    """A main account reaches into its subaccounts by the path of the 2010 API, not the other way
    round.
    """
    return owner is not None and caller.sid in (owner.sid, owner.owner_account_sid)
