// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle tree proofs of a transparency log
/// @notice RFC 6962 hashing (kept by RFC 9162 and by C2SP tlog-tiles) with the SHA-256 precompile. The verification
/// algorithms are those of RFC 9162 §2.1.3.2 (inclusion) and §2.1.4.2 (consistency), step by step.
/// @dev Both verifiers demand that the proof is used up exactly: a path with a node too many or too few is refused, so
/// that one statement has one valid proof per tree.
library Rfc6962 {
    /// @notice The hash of one leaf: SHA-256(0x00 ‖ leaf). The prefix keeps leaves and nodes apart (RFC 6962 §2.1).
    function hashLeaf(bytes memory leaf) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), leaf));
    }

    /// @notice The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    function hashNode(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Is `leafHash` the leaf at `index` of the tree with `size` leaves and this `root`?
    /// @param path sibling hashes from the leaf upwards
    function verifyInclusion(bytes32 leafHash, uint64 index, uint64 size, bytes32 root, bytes32[] calldata path)
        internal
        pure
        returns (bool)
    {
        if (index >= size) return false;
        uint64 fn = index;
        uint64 sn = size - 1;
        bytes32 r = leafHash;
        for (uint256 i = 0; i < path.length; i++) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = hashNode(path[i], r);
                // On the ragged right edge levels without a sibling are skipped.
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = hashNode(r, path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && r == root;
    }

    /// @notice Is the tree (`size2`, `root2`) an extension of the tree (`size1`, `root1`)?
    /// @dev Equal sizes need equal roots and an empty proof. The empty tree has no consistency proof to check (every
    /// tree extends it), so `size1` must be positive; callers treat a first checkpoint apart.
    function verifyConsistency(uint64 size1, bytes32 root1, uint64 size2, bytes32 root2, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        if (size1 == 0 || size1 > size2) return false;
        if (size1 == size2) return proof.length == 0 && root1 == root2;
        // A power of two is itself a node of the larger tree: the proof then omits it (step 2).
        bool whole = size1 & (size1 - 1) == 0;
        if (!whole && proof.length == 0) return false;
        uint64 fn = size1 - 1;
        uint64 sn = size2 - 1;
        while (fn & 1 == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        bytes32 fr = whole ? root1 : proof[0];
        bytes32 sr = fr;
        for (uint256 i = whole ? 0 : 1; i < proof.length; i++) {
            if (sn == 0) return false;
            bytes32 c = proof[i];
            if (fn & 1 == 1 || fn == sn) {
                fr = hashNode(c, fr);
                sr = hashNode(c, sr);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = hashNode(sr, c);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == root1 && sr == root2;
    }
}
