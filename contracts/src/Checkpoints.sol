// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Registry} from "./Registry.sol";
import {Rfc6962} from "./libraries/Rfc6962.sol";
import {ICheckpoints} from "./interfaces/ICheckpoints.sol";

/// @title Anchored checkpoints of the members' logs
/// @notice A checkpoint is recorded when a quorum of members signed it and it extends the one recorded before. The
/// chain checks the consistency itself, so even a quorum cannot anchor a fork of what it anchored earlier.
/// @dev Per log a ring of the last {KEPT} roots: storage and gas stay constant whatever the number of checkpoints, and
/// a proof made under a slightly older root still verifies.
contract Checkpoints is ICheckpoints, EIP712 {
    bytes32 private constant ANCHOR_TYPEHASH = keccak256("Anchor(string origin,uint64 size,bytes32 root)");

    /// @notice How many roots are kept per log.
    uint256 public constant KEPT = 256;

    /// @notice The most leaves between two anchors: with a size near the largest number nothing could be anchored any more.
    uint64 public constant GROWTH_MAX = 2 ** 32;

    /// @param root RFC 6962 tree head
    /// @param size leaves in the tree
    /// @param time block time of the anchoring, seconds
    struct Root {
        bytes32 root;
        uint64 size;
        uint64 time;
    }

    struct Log {
        uint256 count;
        Root[KEPT] ring;
    }

    Registry public immutable registry;
    mapping(bytes32 originHash => Log) private _logs;

    /// @notice The checkpoint does not grow the log.
    error NotLarger(uint64 size, uint64 anchoredSize);
    /// @notice The proof does not show that the checkpoint extends the one anchored before.
    error NotConsistent(uint64 anchoredSize, uint64 size);
    /// @notice The checkpoint grows the log by more than {GROWTH_MAX} leaves.
    error GrownTooMuch(uint64 size, uint64 anchoredSize);
    error EmptyOrigin();

    constructor(Registry registry_) EIP712("Trine", "1") {
        registry = registry_;
    }

    /// @inheritdoc ICheckpoints
    function anchor(
        string calldata origin,
        uint64 size,
        bytes32 root,
        bytes32[] calldata consistencyProof,
        bytes[] calldata signatures
    ) external {
        if (bytes(origin).length == 0) revert EmptyOrigin();
        bytes32 originHash = keccak256(bytes(origin));
        Log storage log = _logs[originHash];
        if (log.count == 0) {
            // Every tree extends the empty one: nothing to prove, but it must hold something.
            if (size == 0) revert NotLarger(size, 0);
            if (size > GROWTH_MAX) revert GrownTooMuch(size, 0);
            if (consistencyProof.length != 0) revert NotConsistent(0, size);
        } else {
            Root storage last = log.ring[(log.count - 1) % KEPT];
            uint64 lastSize = last.size;
            if (size <= lastSize) revert NotLarger(size, lastSize);
            if (size - lastSize > GROWTH_MAX) revert GrownTooMuch(size, lastSize);
            if (!Rfc6962.verifyConsistency(lastSize, last.root, size, root, consistencyProof)) {
                revert NotConsistent(lastSize, size);
            }
        }
        registry.requireQuorum(anchorDigest(origin, size, root), signatures);
        log.ring[log.count % KEPT] = Root(root, size, uint64(block.timestamp));
        log.count++;
        emit Anchored(originHash, origin, size, root);
    }

    /// @inheritdoc ICheckpoints
    function isAnchored(bytes32 originHash, uint64 size, bytes32 root) external view returns (uint64 time) {
        Log storage log = _logs[originHash];
        // Sizes strictly increase with age, so the ring is searched by halves: eight reads, not 256.
        uint256 low = log.count > KEPT ? log.count - KEPT : 0;
        uint256 high = log.count;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            Root storage entry = log.ring[middle % KEPT];
            uint64 entrySize = entry.size;
            if (entrySize == size) return entry.root == root ? entry.time : 0;
            if (entrySize < size) low = middle + 1;
            else high = middle;
        }
        return 0;
    }

    /// @inheritdoc ICheckpoints
    function latest(bytes32 originHash) external view returns (uint64 size, bytes32 root, uint64 time) {
        Log storage log = _logs[originHash];
        if (log.count == 0) return (0, 0, 0);
        Root storage last = log.ring[(log.count - 1) % KEPT];
        return (last.size, last.root, last.time);
    }

    /// @notice What members sign for a checkpoint (EIP-712).
    function anchorDigest(string calldata origin, uint64 size, bytes32 root) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ANCHOR_TYPEHASH, keccak256(bytes(origin)), size, root)));
    }
}
