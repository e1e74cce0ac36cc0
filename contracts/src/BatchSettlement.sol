// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Settlement} from "./Settlement.sol";
import {IAccounts} from "./interfaces/IAccounts.sol";
import {IAgreementTerms} from "./interfaces/IAgreementTerms.sol";
import {IBatchSettlement} from "./interfaces/IBatchSettlement.sol";
import {Intent} from "./libraries/Intent.sol";
import {Positions} from "./libraries/Positions.sol";
import {Rows} from "./libraries/Rows.sol";

/// @title Agreements whose obligations are netted over many parties
/// @notice For a market interval or a billing cycle of thousands: the intent names the rows (who gains or loses how
/// much, by number), and the root of everybody's position after them. The rows go on the chain as calldata in chunks;
/// the contract itself checks that they are those the deciders signed, ascend, and add up to zero.
///
/// What it does not compute is the new root. Whoever can compute it (all it takes is public) refutes a batch within the
/// window, at once and for good, by having it computed here ({recompute}), or by showing one member
///   - whose position after is not its position before and its row,
///   - who would lose more than it has in the agreement, or than it authorised for one obligation,
///   - or who does not exist, or whose authorization does not cover the obligation.
/// A refutation is checked here and needs nobody's word; one that shows no fault is refused.
///
/// A party has `stake + position`. What exceeds its limit it claims at any time; the limit itself once its notice is
/// over and no batch is under way that it covers.
contract BatchSettlement is IBatchSettlement, Settlement {
    /// @notice Chunks one intent may have: 262,144 rows.
    uint256 public constant CHUNKS_MAX = 256;

    bytes32 private constant CLAIM_TYPEHASH =
        keccak256("Claim(bytes32 agreement,address account,uint128 amount,uint256 nonce,uint256 deadline)");
    bytes32 private constant CONTEST_TYPEHASH = keccak256(
        "Contest(bytes32 agreement,bytes32 obligation,address account,bytes32 statement,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant CONTEST_RULING_TYPEHASH = keccak256(
        "ContestRuling(bytes32 agreement,bytes32 obligation,address account,bool justified,uint256 nonce,uint256 deadline)"
    );

    /// @notice The positions' root of an agreement that has settled nothing.
    bytes32 public immutable emptyRoot;

    mapping(bytes32 agreement => mapping(uint32 number => Member)) private _members;
    mapping(bytes32 agreement => mapping(address account => uint32)) private _numbers;
    mapping(bytes32 agreement => uint32) private _count;
    /// @dev What all members of an agreement have together: no claim reaches the money of another agreement.
    mapping(bytes32 agreement => uint256) private _pot;
    mapping(bytes32 agreement => bytes32) private _root;
    mapping(bytes32 agreement => Batch) private _batch;
    /// @dev The last number of each chunk published so far.
    mapping(bytes32 agreement => uint32[]) private _lasts;
    /// @dev By who does it, so that nobody makes another's next step fail by a step of its own.
    mapping(bytes32 agreement => mapping(address account => Recomputed)) private _recomputed;
    mapping(bytes32 agreement => mapping(bytes32 obligation => mapping(address account => uint64))) private _contests;
    mapping(bytes32 agreement => mapping(bytes32 obligation => mapping(address account => bool))) private _contested;

    /// @param windowMin_ shortest window that terms may name, seconds: time for anyone to recompute and refute
    constructor(IAccounts accounts_, IAgreementTerms terms_, uint64 windowMin_)
        EIP712("Trine", "1")
        Settlement(accounts_, terms_, windowMin_)
    {
        emptyRoot = Positions.emptyRoot();
    }

    // ── What parties allow and take out ─────────────────────────────────────────────────────────────────────────────

    /// @notice Joins, which gives the account its number, or raises what the agreement may take.
    /// @param admission the registrar's signature over `Admission(agreement, account)`, for an account not listed
    function authorize(Authorization calldata act, Proof calldata proof, Proof calldata admission) external {
        if (act.period != 0 || act.perPeriod != 0) revert BadAuthorization("period");
        uint32 number = _numbers[act.agreement][act.account];
        if (number == 0) number = _number(act.agreement, act.account);
        Member storage member = _members[act.agreement][number];
        // A row of a batch under way stays true: what covers it is not replaced.
        bool covered = _underWay(act.agreement, member);
        (, bool renewed) = _authorize(act, member.cover, member.perObligation, proof, admission);
        if (renewed) {
            if (covered) revert BatchUnderWay(_batch[act.agreement].obligation);
            member.limit = 0;
        }
        member.perObligation = act.perObligation;
        member.limit += act.amount;
        member.stake += int128(act.amount);
        _pot[act.agreement] += act.amount;
        // So that what is claimed beyond the limit never leaves less than one obligation may take.
        if (member.perObligation > member.limit) revert BadAuthorization("perObligation");
    }

    /// @notice Ends an authorization for obligations that begin from now on.
    function revoke(Revocation calldata act, Proof calldata proof) external {
        _revoke(act, _members[act.agreement][_numbers[act.agreement][act.account]].cover, proof);
    }

    /// @notice Moves into the free balance what the account has beyond its limit, or all once its notice is over.
    function claim(Claim calldata act, Position calldata shown, Proof calldata proof) external {
        _requireAct(act.account, keccak256(abi.encode(CLAIM_TYPEHASH, act)), act.nonce, act.deadline, proof);
        IAgreementTerms.Rules memory rules = terms.rulesOf(act.agreement);
        Member storage member = _members[act.agreement][shown.number];
        if (member.account != act.account) revert NotAllowed(act.account);
        _requirePosition(rootOf(act.agreement), shown, "position");
        bool all = _noticeOver(rules, member.cover) && !_underWay(act.agreement, member);
        int256 available = int256(member.stake) + shown.position - (all ? int256(0) : int256(uint256(member.limit)));
        if (act.amount == 0 || available < int256(uint256(act.amount))) revert NothingToClaim(available, act.amount);
        member.stake -= int128(act.amount);
        _pot[act.agreement] -= act.amount;
        emit Claimed(act.agreement, act.account, act.amount);
        _credit(rules, act.account, act.amount);
    }

    // ── Paying ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Verifies an intent; its rows may then be published.
    /// @param chunks keccak256 of each chunk of rows; together they hash to the intent's `rowsHash`
    function announce(
        Intent calldata intent,
        bytes32[] calldata chunks,
        bytes[] calldata signatures,
        IAgreementTerms.Inclusion calldata proof
    ) external {
        bytes32 digest = intentDigest(intent);
        IAgreementTerms.Rules memory rules = terms.requireIntent(intent, digest, signatures, proof);
        Batch storage batch = _batch[intent.agreement];
        bool free = batch.obligation == bytes32(0) || batch.obligation == intent.obligation;
        if (!free) revert BatchUnderWay(batch.obligation);
        _announce(rules, intent, digest);
        if (intent.entries.length != 0) revert Mismatch("entries");
        if (intent.positionsBefore != rootOf(intent.agreement)) revert Mismatch("positionsBefore");
        uint256 needed = (uint256(intent.rowCount) + Rows.CHUNK_ROWS - 1) / Rows.CHUNK_ROWS;
        if (chunks.length == 0 || chunks.length > CHUNKS_MAX || chunks.length != needed) revert Mismatch("rowCount");
        if (keccak256(abi.encodePacked(chunks)) != intent.rowsHash) revert Mismatch("rowsHash");
        _undo(intent);
        batch.obligation = intent.obligation;
        batch.begin = intent.begin;
        batch.chunks = chunks;
    }

    /// @notice Publishes the next rows. Any account may that is a key alone; only the rows the deciders signed are taken.
    /// @dev Of a transaction that comes straight here the rows are its calldata, which everybody reads; another contract
    /// could have them in its code, and its sender's (EIP-7702) no less.
    /// @param rows the next chunks, whole
    function publish(Intent calldata intent, bytes calldata rows) external {
        if (msg.sender != tx.origin || msg.sender.code.length != 0) revert NotAllowed(msg.sender);
        (, Obligation storage obligation) = _pending(intent, intentDigest(intent));
        if (obligation.phase == Phase.Released) revert WrongPhase(obligation.phase);
        Batch storage batch = _batch[intent.agreement];
        if (batch.completeAt != 0) revert BadRows("complete");
        uint256 chunkBytes = Rows.CHUNK_ROWS * Rows.ROW_BYTES;
        (uint256 count, uint256 last, int256 sum) = (batch.rows, batch.lastNumber, batch.sum);
        if (rows.length == 0 || rows.length % Rows.ROW_BYTES != 0) revert BadRows("length");
        for (uint256 start = 0; start < rows.length; start += chunkBytes) {
            bytes calldata chunk = rows[start:start + chunkBytes > rows.length ? rows.length : start + chunkBytes];
            uint256 index = _lasts[intent.agreement].length;
            if (index >= batch.chunks.length || keccak256(chunk) != batch.chunks[index]) revert BadRows("chunk");
            int256 part;
            (last, part) = Rows.check(chunk, last);
            sum += part;
            count += chunk.length / Rows.ROW_BYTES;
            _lasts[intent.agreement].push(uint32(last));
        }
        batch.rows = uint32(count);
        batch.lastNumber = uint32(last);
        batch.sum = int128(sum);
        bool complete = _lasts[intent.agreement].length == batch.chunks.length;
        if (complete) {
            if (count != intent.rowCount) revert BadRows("count");
            if (sum != 0) revert BadRows("sum");
            batch.completeAt = uint64(block.timestamp);
        }
        emit RowsPublished(intent.agreement, intent.obligation, uint32(count), complete);
    }

    /// @notice Makes the batch's positions everybody's, its window over. Anyone may call.
    function settle(Intent calldata intent) external {
        bytes32 digest = intentDigest(intent);
        Batch storage batch = _batch[intent.agreement];
        uint64 completeAt = batch.completeAt;
        if (batch.obligation != intent.obligation || completeAt == 0) revert BadRows("incomplete");
        // Also after a hold: what the arbiter releases can still be refuted until its window is over.
        uint256 due = uint256(completeAt) + terms.rulesOf(intent.agreement).window;
        if (block.timestamp < due) revert TooEarly(due);
        _settle(intent, digest, completeAt);
        _root[intent.agreement] = intent.positionsAfter;
        _undo(intent);
    }

    // ── Refuting ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Refutes a row that a member's authorization does not cover, that exceeds its limit for one obligation, or
    /// that names nobody.
    /// @param chunk index of the chunk in which the number stands
    /// @param rows that chunk
    function refuteRow(Intent calldata intent, uint32 number, uint256 chunk, bytes calldata rows) external {
        int128 amount = _row(intent, number, chunk, rows);
        if (amount == 0) revert NotRefuted();
        Member storage member = _members[intent.agreement][number];
        if (member.account == address(0)) return _refute(intent, number, "nobody");
        if (amount > 0) revert NotRefuted();
        if (!_covers(member.cover, intent)) return _refute(intent, number, "not covered");
        if (uint128(-amount) > member.perObligation) return _refute(intent, number, "above limit");
        revert NotRefuted();
    }

    /// @notice Refutes a row by which a member would lose more than it has in the agreement.
    /// @param before the member's position in the positions that are everybody's now
    function refuteLock(Intent calldata intent, uint256 chunk, bytes calldata rows, Position calldata before) external {
        int128 amount = _row(intent, before.number, chunk, rows);
        _requirePosition(intent.positionsBefore, before, "before");
        int256 left = int256(_members[intent.agreement][before.number].stake) + before.position + amount;
        if (amount >= 0 || left >= 0) revert NotRefuted();
        _refute(intent, before.number, "above lock");
    }

    /// @notice Refutes a root under which a member's position is not what it was before and its row.
    /// @dev Cheaper than {recompute}, where the tree that was signed is known.
    function refutePosition(
        Intent calldata intent,
        uint256 chunk,
        bytes calldata rows,
        Position calldata before,
        Position calldata later
    ) external {
        if (before.number != later.number) revert NotRefuted();
        int128 amount = _row(intent, before.number, chunk, rows);
        _requirePosition(intent.positionsBefore, before, "before");
        _requirePosition(intent.positionsAfter, later, "after");
        if (int256(before.position) + amount == later.position) revert NotRefuted();
        _refute(intent, before.number, "position");
    }

    /// @notice Recomputes the positions after, some rows at a time, in their order, and refutes a root that comes out
    /// otherwise. Each caller goes its own way. It takes the positions before and the rows alone: who signed a false root need not show its tree.
    /// @param rows the chunk in which the next row to recompute stands, whole
    /// @param before the position before of each row that is recomputed now
    /// @param path as {Positions-change} takes it
    function recompute(Intent calldata intent, bytes calldata rows, int128[] calldata before, bytes32[] calldata path)
        external
    {
        bytes32 digest = intentDigest(intent);
        Recomputed storage done = _recomputed[intent.agreement][msg.sender];
        if (done.intent != digest) {
            (done.intent, done.root, done.chunks, done.rows) = (digest, intent.positionsBefore, 0, 0);
        }
        uint256 chunk = done.chunks;
        Batch storage batch = _shown(intent, chunk, rows);
        uint256 end = done.rows + before.length;
        (bytes32 root, bytes32 next) =
            Positions.change(rows[done.rows * Rows.ROW_BYTES:end * Rows.ROW_BYTES], before, path);
        if (root != done.root) revert NotProven("before");
        if (end * Rows.ROW_BYTES == rows.length) (chunk, end) = (chunk + 1, 0);
        (done.root, done.chunks, done.rows) = (next, uint32(chunk), uint32(end));
        if (chunk == batch.chunks.length && next != intent.positionsAfter) _refute(intent, 0, "root");
    }

    // ── Contests ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Says that one's row is wrong. Takes the bond out of the free balance until the arbiter has ruled.
    function contest(Contest calldata act, Proof calldata proof) external {
        _requireAct(act.account, keccak256(abi.encode(CONTEST_TYPEHASH, act)), act.nonce, act.deadline, proof);
        IAgreementTerms.Rules memory rules = terms.rulesOf(act.agreement);
        if (_numbers[act.agreement][act.account] == 0) revert NotAllowed(act.account);
        if (_obligations[act.agreement][act.obligation].phase == Phase.None) revert WrongPhase(Phase.None);
        if (_contested[act.agreement][act.obligation][act.account]) revert HeldBefore(act.account);
        _contested[act.agreement][act.obligation][act.account] = true;
        _contests[act.agreement][act.obligation][act.account] = uint64(block.timestamp);
        emit Contested(act.agreement, act.obligation, act.account, act.statement);
        if (rules.bond > 0) accounts.lock(act.account, rules.token, rules.bond);
    }

    /// @notice The arbiter's word: the bond goes back, or to the residuary.
    function ruleContest(ContestRuling calldata act, Proof calldata proof) external {
        IAgreementTerms.Rules memory rules = terms.rulesOf(act.agreement);
        bytes32 structHash = keccak256(abi.encode(CONTEST_RULING_TYPEHASH, act));
        _requireAct(rules.arbiter, structHash, act.nonce, act.deadline, proof);
        _endContest(rules, act.agreement, act.obligation, act.account, act.justified);
    }

    /// @notice Returns a bond on which nobody ruled in time. Anyone may call.
    function endContest(bytes32 agreement, bytes32 obligation, address account) external {
        IAgreementTerms.Rules memory rules = terms.rulesOf(agreement);
        uint256 end = uint256(_contests[agreement][obligation][account]) + rules.holdMax;
        if (block.timestamp <= end) revert TooEarly(end + 1);
        _endContest(rules, agreement, obligation, account, true);
    }

    // ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function getMember(bytes32 agreement, uint32 number) external view returns (Member memory) {
        return _members[agreement][number];
    }

    /// @notice The account's number in the agreement; zero if it has not joined.
    function numberOf(bytes32 agreement, address account) external view returns (uint32) {
        return _numbers[agreement][account];
    }

    function getBatch(bytes32 agreement) external view returns (Batch memory) {
        return _batch[agreement];
    }

    /// @notice How far an account recomputed a batch: the one under way, if its intent is that one's.
    function recomputedBy(bytes32 agreement, address account) external view returns (Recomputed memory) {
        return _recomputed[agreement][account];
    }

    /// @notice What all members have together, minor units.
    function potOf(bytes32 agreement) external view returns (uint256) {
        return _pot[agreement];
    }

    /// @notice The root of the positions that are everybody's now.
    function rootOf(bytes32 agreement) public view returns (bytes32) {
        bytes32 root = _root[agreement];
        return root == bytes32(0) ? emptyRoot : root;
    }

    // ── Private ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function _number(bytes32 agreement, address account) private returns (uint32 number) {
        number = ++_count[agreement];
        if (number >> Positions.DEPTH != 0) revert TooManyMembers();
        _numbers[agreement][account] = number;
        _members[agreement][number].account = account;
        emit Joined(agreement, account, number);
    }

    /// @dev The row of a number, zero if there is none: from the one chunk where it would stand.
    function _row(Intent calldata intent, uint32 number, uint256 chunk, bytes calldata rows)
        private
        view
        returns (int128)
    {
        Batch storage batch = _shown(intent, chunk, rows);
        uint32[] storage lasts = _lasts[intent.agreement];
        bool here = (chunk == 0 || number > lasts[chunk - 1])
            && (chunk + 1 == batch.chunks.length || number <= lasts[chunk]);
        if (!here) revert BadRows("number");
        return Rows.amountOf(rows, number);
    }

    /// @dev The batch under way, all of it published, whose chunk this is.
    function _shown(Intent calldata intent, uint256 chunk, bytes calldata rows)
        private
        view
        returns (Batch storage batch)
    {
        _pending(intent, intentDigest(intent));
        batch = _batch[intent.agreement];
        if (batch.completeAt == 0) revert BadRows("incomplete");
        if (chunk >= batch.chunks.length || keccak256(rows) != batch.chunks[chunk]) revert BadRows("chunk");
    }

    function _refute(Intent calldata intent, uint32 number, bytes32 fault) private {
        Obligation storage obligation = _obligations[intent.agreement][intent.obligation];
        emit Refuted(intent.agreement, intent.obligation, obligation.intent, number, fault);
        _undo(intent);
        _discard(obligation);
    }

    function _requirePosition(bytes32 root, Position calldata shown, bytes32 what) private pure {
        if (!Positions.verify(root, shown.number, shown.position, shown.path)) revert NotProven(what);
    }

    /// @dev Is a batch under way that the member's authorization may cover?
    function _underWay(bytes32 agreement, Member storage member) private view returns (bool) {
        Batch storage batch = _batch[agreement];
        return batch.obligation != bytes32(0) && member.cover.since != 0 && batch.begin <= _stop(member.cover);
    }

    function _endContest(
        IAgreementTerms.Rules memory rules,
        bytes32 agreement,
        bytes32 obligation,
        address account,
        bool returned
    ) private {
        if (_contests[agreement][obligation][account] == 0) revert NoContest();
        _contests[agreement][obligation][account] = 0;
        emit ContestEnded(agreement, obligation, account, returned);
        if (rules.bond > 0) _credit(rules, returned ? account : rules.residuary, rules.bond);
    }

    function _credit(IAgreementTerms.Rules memory rules, address account, uint256 amount) private {
        accounts.credit(account, rules.token, amount);
    }

    function _windowStart(Intent calldata intent, Obligation storage) internal view override returns (uint256) {
        uint64 completeAt = _batch[intent.agreement].completeAt;
        return completeAt == 0 ? block.timestamp : completeAt;
    }

    function _undo(Intent calldata intent) internal override {
        delete _batch[intent.agreement];
        delete _lasts[intent.agreement];
    }

    /// @dev One party's dispute holds nothing for the others: only the arbiter holds a batch.
    function _mayHold(Intent calldata, address) internal pure override returns (bool) {
        return false;
    }
}
