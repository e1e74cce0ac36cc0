// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccounts} from "./interfaces/IAccounts.sol";
import {IAgreementTerms} from "./interfaces/IAgreementTerms.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Acts} from "./libraries/Acts.sol";
import {Intent, IntentForm} from "./libraries/Intent.sol";
import {TermsForm} from "./libraries/TermsForm.sol";

/// @title How an obligation becomes a payment
/// @notice Money moves on one thing only: an intent
///   - signed by k of the agreement's deciders, each of whom recomputed the decision,
///   - standing in one of the agreement's logs under a checkpoint the members anchored,
///   - whose every field matches the agreement, about a time that is over,
///   - within what each paying party authorised, and **once per obligation**.
/// Anyone may submit it. There is no administrator, no upgrade and no pause: nobody can move money otherwise.
///
/// The life of an obligation:
///
///   None ──announce──▶ Announced ──window over: settle──▶ Settled
///     ▲                 │  ▲ │ hold (a party once, the arbiter once)
///     │ deadline over:  │  │ ▼
///     └──── expire ─────┘  │ Held ──Pay, or holdMax over and the terms pay──▶ Released ──settle──▶ Settled
///                          │  │ └───Drop, or holdMax over and the terms drop──▶ Dropped
///                          └──┘ a superseding intent, while a party holds or the arbiter said Redecide
///
/// @dev The window runs from the announcement, so a superseding intent, announced after the hold, starts it again and
/// nothing prepared before a hold is paid during it. Every state but the final ones ends by a time known beforehand:
/// nobody, the deciders and a vanished arbiter included, locks anything for ever.
abstract contract Settlement is ISettlement, Acts {
    bytes32 private constant AUTHORIZATION_TYPEHASH = keccak256(
        "Authorization(bytes32 agreement,address account,uint128 perObligation,uint128 perPeriod,uint64 period,uint128 amount,uint64 from,uint64 until,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant REVOCATION_TYPEHASH =
        keccak256("Revocation(bytes32 agreement,address account,uint256 nonce,uint256 deadline)");
    bytes32 private constant HOLD_TYPEHASH = keccak256(
        "Hold(bytes32 agreement,bytes32 obligation,bytes32 intent,address account,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant RULED_TYPEHASH = keccak256(
        "Ruled(bytes32 agreement,bytes32 obligation,bytes32 intent,uint8 ruling,address account,uint256 nonce,uint256 deadline)"
    );

    IAccounts public immutable accounts;
    IAgreementTerms public immutable terms;
    /// @inheritdoc ISettlement
    uint64 public immutable windowMin;

    mapping(bytes32 agreement => mapping(bytes32 obligation => Obligation)) internal _obligations;
    mapping(bytes32 agreement => mapping(bytes32 obligation => mapping(address account => bool))) private _held;
    /// @dev Intents that were replaced or refuted: who kept one cannot announce it again.
    mapping(bytes32 digest => bool) private _discarded;

    constructor(IAccounts accounts_, IAgreementTerms terms_, uint64 windowMin_) {
        accounts = accounts_;
        terms = terms_;
        windowMin = windowMin_;
    }

    // ── Pending intents ─────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Holds a pending intent until it is ruled on: a party that pays under it, or the arbiter, each once, while
    /// its window is open.
    function hold(Hold calldata act, Intent calldata intent, Proof calldata proof) external {
        _requireAct(act.account, keccak256(abi.encode(HOLD_TYPEHASH, act)), act.nonce, act.deadline, proof);
        (IAgreementTerms.Rules memory rules, Obligation storage obligation) = _pending(intent, act.intent);
        if (act.agreement != intent.agreement || act.obligation != intent.obligation) revert Mismatch("obligation");
        if (obligation.phase != Phase.Announced) revert WrongPhase(obligation.phase);
        bool arbiter = act.account == rules.arbiter;
        if (!arbiter && !_mayHold(intent, act.account)) revert NotAllowed(act.account);
        // What may be paid is not held: nobody who sees the payment coming stops it.
        uint256 end = _windowStart(intent, obligation) + rules.window;
        if (block.timestamp >= end) revert TooLate(end);
        if (_held[act.agreement][act.obligation][act.account]) revert HeldBefore(act.account);
        _held[act.agreement][act.obligation][act.account] = true;
        obligation.holder = act.account;
        obligation.redecide = !arbiter;
        _enter(obligation, Phase.Held);
        emit HeldBy(act.agreement, act.obligation, act.intent, act.account);
    }

    /// @notice Ends a hold: the arbiter rules, or the party that holds gives in (Pay).
    function rule(Ruled calldata act, Intent calldata intent, Proof calldata proof) external {
        _requireAct(act.account, keccak256(abi.encode(RULED_TYPEHASH, act)), act.nonce, act.deadline, proof);
        (IAgreementTerms.Rules memory rules, Obligation storage obligation) = _pending(intent, act.intent);
        if (act.agreement != intent.agreement || act.obligation != intent.obligation) revert Mismatch("obligation");
        if (obligation.phase != Phase.Held) revert WrongPhase(obligation.phase);
        if (act.account == rules.arbiter) {
            _end(obligation, intent, act.intent, act.ruling, act.account);
        } else if (act.account == obligation.holder && act.ruling == Ruling.Pay) {
            // It speaks for itself alone: the window starts again, so that the others who pay can still hold.
            obligation.deadline = _later(obligation.deadline, rules.window);
            _enter(obligation, Phase.Announced);
            emit HoldEnded(act.agreement, act.obligation, act.intent, act.ruling, act.account);
        } else {
            revert NotAllowed(act.account);
        }
    }

    /// @notice Ends a hold on which nobody ruled in time, as the terms say. Anyone may call.
    function endHold(Intent calldata intent) external {
        bytes32 digest = intentDigest(intent);
        (IAgreementTerms.Rules memory rules, Obligation storage obligation) = _pending(intent, digest);
        if (obligation.phase != Phase.Held) revert WrongPhase(obligation.phase);
        uint256 end = uint256(obligation.since) + rules.holdMax;
        if (block.timestamp <= end) revert TooEarly(end + 1);
        _end(obligation, intent, digest, rules.payAfterHold ? Ruling.Pay : Ruling.Drop, address(0));
    }

    /// @notice Frees what a pending intent reserved that was not paid in time. Anyone may call.
    function expire(Intent calldata intent) external {
        bytes32 digest = intentDigest(intent);
        (, Obligation storage obligation) = _pending(intent, digest);
        if (obligation.phase == Phase.Held) revert WrongPhase(obligation.phase);
        if (block.timestamp <= obligation.deadline) revert TooEarly(uint256(obligation.deadline) + 1);
        _undo(intent);
        if (obligation.phase == Phase.Released) {
            _enter(obligation, Phase.Dropped);
        } else {
            obligation.intent = bytes32(0);
            _enter(obligation, Phase.None);
        }
        emit Expired(intent.agreement, intent.obligation, digest);
    }

    // ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function getObligation(bytes32 agreement, bytes32 obligation) external view returns (Obligation memory) {
        return _obligations[agreement][obligation];
    }

    /// @notice What deciders sign, and the intent's name in events and in `supersedes`.
    function intentDigest(Intent calldata intent) public view returns (bytes32) {
        return _hashTypedDataV4(IntentForm.structHash(intent));
    }

    // ── What the two kinds of agreements do differently ─────────────────────────────────────────────────────────────

    /// @dev May this party hold this intent?
    function _mayHold(Intent calldata intent, address account) internal view virtual returns (bool);

    /// @dev From when the window of an announced intent runs.
    function _windowStart(Intent calldata intent, Obligation storage obligation) internal view virtual returns (uint256);

    /// @dev Gives back what announcing the intent reserved.
    function _undo(Intent calldata intent) internal virtual;

    // ── Shared steps ────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev May this intent become the one for its obligation? Enters it, with the window starting now.
    function _announce(IAgreementTerms.Rules memory rules, Intent calldata intent, bytes32 digest) internal {
        Obligation storage obligation = _obligations[intent.agreement][intent.obligation];
        Phase phase = obligation.phase;
        if (phase == Phase.Settled || phase == Phase.Dropped) {
            revert AlreadyFinal(intent.agreement, intent.obligation);
        }
        bool free = phase == Phase.None || phase == Phase.Announced || (phase == Phase.Held && obligation.redecide);
        if (!free) revert WrongPhase(phase);
        if (intent.supersedes != obligation.intent) revert OtherIntentPending(obligation.intent);
        if (_discarded[digest]) revert Discarded(digest);
        if (obligation.intent != bytes32(0)) _discarded[obligation.intent] = true;
        obligation.intent = digest;
        obligation.deadline = intent.deadline;
        _enter(obligation, Phase.Announced);
        emit Announced(intent.agreement, intent.obligation, digest, uint64(block.timestamp) + rules.window);
    }

    /// @dev Marks the pending intent as settled if its time has come and not passed.
    /// @param windowStart from when the window runs
    function _settle(Intent calldata intent, bytes32 digest, uint256 windowStart) internal {
        (IAgreementTerms.Rules memory rules, Obligation storage obligation) = _pending(intent, digest);
        if (obligation.phase == Phase.Held) revert OnHold(intent.agreement, intent.obligation);
        uint256 due = obligation.phase == Phase.Released ? 0 : windowStart + rules.window;
        if (intent.validAfter > due) due = intent.validAfter;
        if (block.timestamp < due) revert TooEarly(due);
        if (block.timestamp > obligation.deadline) revert TooLate(obligation.deadline);
        _enter(obligation, Phase.Settled);
        emit Settled(intent.agreement, intent.obligation, digest, intent.decision);
    }

    /// @dev The obligation whose pending intent this is: announced, held or released.
    function _pending(Intent calldata intent, bytes32 digest)
        internal
        view
        returns (IAgreementTerms.Rules memory rules, Obligation storage obligation)
    {
        rules = terms.rulesOf(intent.agreement);
        obligation = _obligations[intent.agreement][intent.obligation];
        Phase phase = obligation.phase;
        if (phase == Phase.Settled || phase == Phase.Dropped) {
            revert AlreadyFinal(intent.agreement, intent.obligation);
        }
        if (phase == Phase.None) revert WrongPhase(phase);
        if (obligation.intent != digest || intentDigest(intent) != digest) revert OtherIntentPending(obligation.intent);
    }

    /// @dev A pending intent that turned out false: a true one for the same obligation may still come.
    function _discard(Obligation storage obligation) internal {
        _discarded[obligation.intent] = true;
        obligation.intent = bytes32(0);
        _enter(obligation, Phase.None);
    }

    function _end(
        Obligation storage obligation,
        Intent calldata intent,
        bytes32 digest,
        Ruling ruling,
        address account
    ) private {
        if (ruling == Ruling.Pay) {
            obligation.deadline = _later(obligation.deadline, 0);
            _enter(obligation, Phase.Released);
        } else if (ruling == Ruling.Drop) {
            _undo(intent);
            _enter(obligation, Phase.Dropped);
        } else if (ruling == Ruling.Redecide) {
            // Still held, and no longer than it would have been.
            obligation.redecide = true;
        } else {
            revert Mismatch("ruling");
        }
        emit HoldEnded(intent.agreement, intent.obligation, digest, ruling, account);
    }

    /// @dev The time a hold took is nobody's loss: what ends it leaves time to submit.
    function _later(uint64 deadline, uint64 window) private view returns (uint64) {
        uint64 least = uint64(block.timestamp) + window + TermsForm.SETTLE_TIME;
        return least > deadline ? least : deadline;
    }

    function _enter(Obligation storage obligation, Phase phase) private {
        obligation.phase = phase;
        obligation.since = uint64(block.timestamp);
    }

    /// @dev Is the act by its account, once, in time, by a party, and about an authorization that may still change?
    /// Limits only grow while they stand: nothing a party does later makes a true decision unpayable.
    /// @return rules of the agreement
    /// @return renewed true where nothing it allowed before stands any more
    function _authorize(
        Authorization calldata act,
        Cover storage cover,
        uint128 perObligation,
        Proof calldata proof,
        Proof calldata admission
    ) internal returns (IAgreementTerms.Rules memory rules, bool renewed) {
        rules = terms.rulesOf(act.agreement);
        _requireAct(act.account, keccak256(abi.encode(AUTHORIZATION_TYPEHASH, act)), act.nonce, act.deadline, proof);
        if (cover.since == 0) terms.requireAdmitted(act.agreement, act.account, admission);
        if (act.until <= block.timestamp) revert BadAuthorization("until");
        if (act.from > act.until) revert BadAuthorization("from");
        renewed = cover.since == 0 || _noticeOver(rules, cover);
        if (renewed) {
            cover.since = uint64(block.timestamp);
        } else {
            if (_stop(cover) < block.timestamp) revert TooEarly(_freeAfter(rules, cover) + 1);
            if (act.from > cover.from) revert BadAuthorization("from");
            if (act.until < cover.until) revert BadAuthorization("until");
            if (act.perObligation < perObligation) revert BadAuthorization("perObligation");
        }
        cover.from = act.from;
        cover.until = act.until;
        cover.revokedAt = 0;
        if (act.amount > 0) accounts.lock(act.account, rules.token, act.amount);
        emit Authorized(act.agreement, act.account, act.amount, act.perObligation, act.until);
    }

    /// @dev Ends an authorization for obligations that begin from now on.
    function _revoke(Revocation calldata act, Cover storage cover, Proof calldata proof) internal {
        _requireAct(act.account, keccak256(abi.encode(REVOCATION_TYPEHASH, act)), act.nonce, act.deadline, proof);
        if (cover.since == 0 || _stop(cover) < block.timestamp) revert NothingToRelease();
        cover.revokedAt = uint64(block.timestamp);
        emit Revoked(act.agreement, act.account, cover.revokedAt);
    }

    function _covers(Cover storage cover, Intent calldata intent) internal view returns (bool) {
        return cover.since != 0 && cover.from <= intent.end && intent.begin <= _stop(cover);
    }

    /// @dev No obligation that the authorization covers can be announced any more.
    function _noticeOver(IAgreementTerms.Rules memory rules, Cover storage cover) internal view returns (bool) {
        return block.timestamp > _freeAfter(rules, cover);
    }

    /// @dev The last moment at which an obligation that the authorization covers may still be announced.
    function _freeAfter(IAgreementTerms.Rules memory rules, Cover storage cover) internal view returns (uint256) {
        uint256 stop = _stop(cover);
        if (rules.validUntil < stop) stop = rules.validUntil;
        return stop + rules.obligationMax + rules.settleWithin;
    }

    function _stop(Cover storage cover) internal view returns (uint256) {
        return cover.revokedAt != 0 && cover.revokedAt < cover.until ? cover.revokedAt : cover.until;
    }

}
