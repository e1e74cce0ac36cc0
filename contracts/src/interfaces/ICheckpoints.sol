// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Anchored checkpoints of transparency logs
/// @notice Logs are named by their origin line (C2SP tlog-checkpoint); contracts refer to keccak256 of it.
interface ICheckpoints {
    event Anchored(bytes32 indexed originHash, string origin, uint64 size, bytes32 root);

    /// @notice Records a checkpoint.
    /// @param origin the log's origin line
    /// @param size leaves in the tree, more than in the checkpoint anchored before
    /// @param root the RFC 6962 tree head
    /// @param consistencyProof from the checkpoint anchored before (RFC 9162 §2.1.4); empty for the first
    /// @param signatures EIP-712 signatures over `Anchor(origin,size,root)` by a quorum of members, sorted by signer
    function anchor(
        string calldata origin,
        uint64 size,
        bytes32 root,
        bytes32[] calldata consistencyProof,
        bytes[] calldata signatures
    ) external;

    /// @notice When was this checkpoint anchored? Zero if it was not, or so long ago that it is no longer kept.
    function isAnchored(bytes32 originHash, uint64 size, bytes32 root) external view returns (uint64 time);

    /// @notice The newest anchored checkpoint of a log; zeros if there is none.
    function latest(bytes32 originHash) external view returns (uint64 size, bytes32 root, uint64 time);
}
