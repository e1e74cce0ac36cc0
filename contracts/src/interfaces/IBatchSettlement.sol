// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Intent} from "../libraries/Intent.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title Agreements whose obligations are netted over many parties
/// @notice Types, events and errors of {BatchSettlement}; the rules are explained there.
interface IBatchSettlement is ISettlement {
    /// @param account the party behind the number
    /// @param perObligation most that one obligation takes, minor units
    /// @param limit what its authorizations have locked in all, minor units: stays until its notice is over
    /// @param stake what was locked less what was claimed, minor units: with the position it is what the party has
    /// @param cover for which obligations
    struct Member {
        address account;
        uint128 perObligation;
        uint128 limit;
        int128 stake;
        Cover cover;
    }

    /// @notice The batch that is under way in an agreement: one at a time, since each starts from the positions of the
    /// one before.
    /// @param obligation its obligation
    /// @param begin when that began, seconds
    /// @param chunks keccak256 of each chunk of rows
    /// @param rows published so far
    /// @param lastNumber of the rows published so far
    /// @param sum of the rows published so far
    /// @param completeAt when the last chunk was published, seconds; zero before
    struct Batch {
        bytes32 obligation;
        uint64 begin;
        bytes32[] chunks;
        uint32 rows;
        uint32 lastNumber;
        int128 sum;
        uint64 completeAt;
    }

    /// @notice How far somebody recomputed a batch.
    /// @param intent its digest
    /// @param root the positions' root after what was recomputed
    /// @param chunks, rows how many whole chunks that were, and rows of the next one
    struct Recomputed {
        bytes32 intent;
        bytes32 root;
        uint32 chunks;
        uint32 rows;
    }

    /// @notice Takes out what a party has beyond its limit, or all once its notice is over.
    struct Claim {
        bytes32 agreement;
        address account;
        uint128 amount;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Says that a row is wrong, with a bond. It holds nothing for the others; what comes of it is a correction.
    /// @param statement SHA-256 of what it says about the row
    struct Contest {
        bytes32 agreement;
        bytes32 obligation;
        address account;
        bytes32 statement;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice The arbiter's word on a contest.
    struct ContestRuling {
        bytes32 agreement;
        bytes32 obligation;
        address account;
        bool justified;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice A leaf of the tree of positions.
    /// @param number the member's
    /// @param position sum of its rows so far, minor units
    /// @param path siblings from the leaf upwards, as many as the tree is deep
    struct Position {
        uint32 number;
        int128 position;
        bytes32[] path;
    }

    event Joined(bytes32 indexed agreement, address indexed account, uint32 number);
    event RowsPublished(bytes32 indexed agreement, bytes32 indexed obligation, uint32 rows, bool complete);
    event Refuted(bytes32 indexed agreement, bytes32 indexed obligation, bytes32 indexed intent, uint32 number, bytes32 fault);
    event Claimed(bytes32 indexed agreement, address indexed account, uint128 amount);
    event Contested(bytes32 indexed agreement, bytes32 indexed obligation, address indexed account, bytes32 statement);
    event ContestEnded(bytes32 indexed agreement, bytes32 indexed obligation, address indexed account, bool returned);

    error BatchUnderWay(bytes32 obligation);
    error TooManyMembers();
    /// @notice The rows are not those of the next chunk that the intent names, or do not end as it says.
    error BadRows(bytes32 fault);
    error NotProven(bytes32 what);
    /// @notice What was shown is no fault.
    error NotRefuted();
    error NothingToClaim(int256 available, uint256 amount);
    error NoContest();
}
