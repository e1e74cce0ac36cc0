// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title All members' positions as one root
/// @notice A binary Merkle tree of fixed depth over the members' numbers. The leaf of a member that never had a row, or
/// whose rows add up to nothing, is zero; any other is keccak256(number ‖ position), 20 bytes, which no inner node of
/// 64 bytes can pose as.
library Positions {
    /// @notice 2^20 members an agreement: a proof has 20 hashes.
    uint256 internal constant DEPTH = 20;

    /// @notice The root of the tree in which nobody has a position.
    function emptyRoot() internal pure returns (bytes32 root) {
        for (uint256 i = 0; i < DEPTH; i++) root = _node(root, root);
    }

    /// @notice Is this the member's position under the root?
    function verify(bytes32 root, uint32 number, int128 position, bytes32[] calldata path)
        internal
        pure
        returns (bool)
    {
        if (path.length != DEPTH || number >> DEPTH != 0) return false;
        bytes32 node = position == 0 ? bytes32(0) : keccak256(abi.encodePacked(number, position));
        for (uint256 i = 0; i < DEPTH; i++) {
            node = (number >> i) & 1 == 0 ? _node(node, path[i]) : _node(path[i], node);
        }
        return node == root;
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            node := keccak256(0x00, 0x40)
        }
    }
}
