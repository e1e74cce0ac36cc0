// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Settlement} from "./Settlement.sol";
import {IAccounts} from "./interfaces/IAccounts.sol";
import {IAgreementTerms} from "./interfaces/IAgreementTerms.sol";
import {IDirectSettlement} from "./interfaces/IDirectSettlement.sol";
import {Entry, Intent} from "./libraries/Intent.sol";

/// @title Agreements whose obligations are paid entry by entry
/// @notice For a pair of parties, or a circle in which few pay at a time: an intent names up to {ENTRIES_MAX} entries.
/// What an entry takes comes out of the payer's lock, or the agreement's escrow, when the intent is announced; it is
/// credited when the intent is settled, and goes back if it is not. With a window of zero both happen at once.
contract DirectSettlement is IDirectSettlement, Settlement {
    /// @notice Entries one intent may have.
    uint256 public constant ENTRIES_MAX = 16;

    mapping(bytes32 agreement => mapping(address account => Limits)) private _limits;
    /// @dev By authorization and period: a new authorization, with periods of its own, counts anew.
    mapping(bytes32 agreement => mapping(address account => mapping(uint256 key => uint256))) private _spent;
    mapping(bytes32 agreement => uint256) private _escrow;

    constructor(IAccounts accounts_, IAgreementTerms terms_)
        EIP712("Trine", "1")
        Settlement(accounts_, terms_, 0)
    {}

    // ── What parties allow ──────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Joins, or raises what the agreement may take.
    /// @param admission the registrar's signature over `Admission(agreement, account)`, for an account not listed
    function authorize(Authorization calldata act, Proof calldata proof, Proof calldata admission) external {
        Limits storage limits = _limits[act.agreement][act.account];
        (, bool renewed) = _authorize(act, limits.cover, limits.perObligation, proof, admission);
        if ((act.period == 0) != (act.perPeriod == 0)) revert BadAuthorization("period");
        if (!renewed && act.perPeriod != 0) {
            // A limit per period may be raised or lifted, not set or lowered: that would undo what was promised.
            if (act.period != limits.period || act.perPeriod < limits.perPeriod) revert BadAuthorization("perPeriod");
        }
        limits.perObligation = act.perObligation;
        limits.perPeriod = act.perPeriod;
        limits.period = act.period;
        limits.locked += act.amount;
    }

    /// @notice Ends an authorization for obligations that begin from now on.
    function revoke(Revocation calldata act, Proof calldata proof) external {
        _revoke(act, _limits[act.agreement][act.account].cover, proof);
    }

    /// @notice Returns what is left of a lock once no obligation it covers can be announced any more. Anyone may call.
    function release(bytes32 agreement, address account) external {
        IAgreementTerms.Rules memory rules = terms.rulesOf(agreement);
        Limits storage limits = _limits[agreement][account];
        if (limits.locked == 0) revert NothingToRelease();
        if (!_noticeOver(rules, limits.cover)) revert TooEarly(_freeAfter(rules, limits.cover) + 1);
        uint256 amount = limits.locked;
        limits.locked = 0;
        emit Released(agreement, account, amount);
        accounts.credit(account, rules.token, amount);
    }

    /// @notice Returns what the escrow still holds after the agreement's end. Anyone may call.
    function returnEscrow(bytes32 agreement) external {
        IAgreementTerms.Rules memory rules = terms.rulesOf(agreement);
        uint256 end = uint256(rules.validUntil) + rules.obligationMax + rules.settleWithin;
        if (block.timestamp <= end) revert TooEarly(end + 1);
        uint256 amount = _escrow[agreement];
        if (amount == 0) revert NothingToRelease();
        _escrow[agreement] = 0;
        emit EscrowReturned(agreement, rules.residuary, amount);
        accounts.credit(rules.residuary, rules.token, amount);
    }

    // ── Paying ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Verifies an intent, reserves its money, and keeps it pending until its window has passed.
    function announce(Intent calldata intent, bytes[] calldata signatures, IAgreementTerms.Inclusion calldata proof) external {
        if (intent.supersedes != bytes32(0)) revert Mismatch("supersedes");
        _take(intent, intentDigest(intent), signatures, proof);
    }

    /// @notice Replaces a pending intent: while it is announced, or held by a party, or sent back by the arbiter.
    function supersede(
        Intent calldata pending,
        Intent calldata intent,
        bytes[] calldata signatures,
        IAgreementTerms.Inclusion calldata proof
    ) external {
        bytes32 replaced = intentDigest(pending);
        (, Obligation storage obligation) = _pending(pending, replaced);
        // A released one is somebody's last word on it.
        if (obligation.phase == Phase.Released) revert WrongPhase(obligation.phase);
        bool same = pending.agreement == intent.agreement && pending.obligation == intent.obligation;
        if (!same || intent.supersedes != replaced) revert Mismatch("supersedes");
        _undo(pending);
        _take(intent, intentDigest(intent), signatures, proof);
    }

    /// @notice Pays an intent. For one that was announced, signatures and proof may be empty.
    function settle(Intent calldata intent, bytes[] calldata signatures, IAgreementTerms.Inclusion calldata proof) external {
        bytes32 digest = intentDigest(intent);
        Obligation storage obligation = _obligations[intent.agreement][intent.obligation];
        if (obligation.phase == Phase.None) {
            if (intent.supersedes != bytes32(0)) revert Mismatch("supersedes");
            _take(intent, digest, signatures, proof);
        }
        _settle(intent, digest, obligation.since);
        for (uint256 i = 0; i < intent.entries.length; i++) {
            Entry calldata entry = intent.entries[i];
            emit Paid(intent.agreement, intent.obligation, entry.to, entry.from, entry.amount);
            if (entry.to == address(0)) _escrow[intent.agreement] += entry.amount;
            else accounts.credit(entry.to, intent.token, entry.amount);
        }
    }

    // ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function getLimits(bytes32 agreement, address account) external view returns (Limits memory) {
        return _limits[agreement][account];
    }

    /// @notice What the agreement itself holds, minor units.
    function escrowOf(bytes32 agreement) external view returns (uint256) {
        return _escrow[agreement];
    }

    /// @notice What the account's obligations of one period have taken or reserved under its authorization, minor units.
    function spentIn(bytes32 agreement, address account, uint256 period) external view returns (uint256) {
        return _spent[agreement][account][_spentKey(_limits[agreement][account], period)];
    }

    // ── Private ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function _take(Intent calldata intent, bytes32 digest, bytes[] calldata signatures, IAgreementTerms.Inclusion calldata proof)
        private
    {
        IAgreementTerms.Rules memory rules = terms.requireIntent(intent, digest, signatures, proof);
        _announce(rules, intent, digest);
        bool direct = intent.rowsHash == bytes32(0) && intent.rowCount == 0 && intent.positionsBefore == bytes32(0)
            && intent.positionsAfter == bytes32(0);
        if (!direct) revert Mismatch("rows");
        uint256 count = intent.entries.length;
        // Decided again, nothing may be due: then what it replaces is all there was to move.
        if ((count == 0 && intent.supersedes == bytes32(0)) || count > ENTRIES_MAX) revert Mismatch("entries");
        uint256 sum = 0;
        for (uint256 i = 0; i < count; i++) {
            Entry calldata entry = intent.entries[i];
            _requireEntry(intent, i);
            sum += entry.amount;
            // Entries ascend by who pays: with the last of each payer, its sum is known.
            if (i + 1 < count && intent.entries[i + 1].from == entry.from) continue;
            if (entry.from == address(0)) _takeFromEscrow(intent.agreement, sum);
            else _takeFromLock(rules, intent, entry.from, sum);
            sum = 0;
        }
    }

    function _requireEntry(Intent calldata intent, uint256 index) private view {
        Entry calldata entry = intent.entries[index];
        if (entry.amount == 0 || entry.amount > type(uint96).max) revert BadEntry(index, "amount");
        if (entry.from == entry.to) revert BadEntry(index, "to");
        if (index > 0) {
            Entry calldata last = intent.entries[index - 1];
            bool ascends = last.from < entry.from || (last.from == entry.from && last.to < entry.to);
            if (!ascends) revert BadEntry(index, "order");
        }
        bool known = entry.to == address(0) || _limits[intent.agreement][entry.to].cover.since != 0
            || terms.isListed(intent.agreement, entry.to);
        if (!known) revert IAgreementTerms.NotAParty(entry.to);
    }

    function _takeFromEscrow(bytes32 agreement, uint256 amount) private {
        uint256 escrow = _escrow[agreement];
        if (escrow < amount) revert AboveLimit(address(0), amount, escrow);
        _escrow[agreement] = escrow - amount;
    }

    function _takeFromLock(
        IAgreementTerms.Rules memory rules,
        Intent calldata intent,
        address account,
        uint256 amount
    ) private {
        Limits storage limits = _limits[intent.agreement][account];
        if (!_covers(limits.cover, intent)) revert NotCovered(account, intent.begin, intent.end);
        if (amount > limits.perObligation) revert AboveLimit(account, amount, limits.perObligation);
        if (amount > limits.locked) revert AboveLimit(account, amount, limits.locked);
        limits.locked -= uint128(amount);
        if (limits.period == 0) return;
        uint256 key = _spentKey(limits, (intent.begin - rules.validFrom) / limits.period);
        uint256 spent = _spent[intent.agreement][account][key] + amount;
        if (spent > limits.perPeriod) revert AboveLimit(account, spent, limits.perPeriod);
        _spent[intent.agreement][account][key] = spent;
    }

    function _undo(Intent calldata intent) internal override {
        IAgreementTerms.Rules memory rules = terms.rulesOf(intent.agreement);
        for (uint256 i = 0; i < intent.entries.length; i++) {
            Entry calldata entry = intent.entries[i];
            if (entry.from == address(0)) {
                _escrow[intent.agreement] += entry.amount;
                continue;
            }
            Limits storage limits = _limits[intent.agreement][entry.from];
            if (uint256(intent.end) + rules.settleWithin < limits.cover.since) {
                // Taken under an authorization that another has replaced since: that one allowed less of it, or more.
                emit Released(intent.agreement, entry.from, entry.amount);
                accounts.credit(entry.from, rules.token, entry.amount);
                continue;
            }
            limits.locked += uint128(entry.amount);
            // Nothing counts by period since the limit was lifted.
            if (limits.period == 0) continue;
            uint256 key = _spentKey(limits, (intent.begin - rules.validFrom) / limits.period);
            _spent[intent.agreement][entry.from][key] -= entry.amount;
        }
    }

    function _spentKey(Limits storage limits, uint256 period) private view returns (uint256) {
        return (uint256(limits.cover.since) << 64) | period;
    }

    function _windowStart(Intent calldata, Obligation storage obligation) internal view override returns (uint256) {
        return obligation.since;
    }

    /// @dev Who pays may hold; what the escrow pays, every listed party.
    function _mayHold(Intent calldata intent, address account) internal view override returns (bool) {
        for (uint256 i = 0; i < intent.entries.length; i++) {
            address from = intent.entries[i].from;
            if (from == account) return true;
            if (from == address(0) && terms.isListed(intent.agreement, account)) return true;
        }
        return false;
    }
}
