// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rows} from "./Rows.sol";

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
        bytes32 node = _leaf(number, position);
        for (uint256 i = 0; i < DEPTH; i++) {
            node = (number >> i) & 1 == 0 ? _node(node, path[i]) : _node(path[i], node);
        }
        return node == root;
    }

    /// @notice The root before some rows and the root after them, out of the same hashes: who knows the positions
    /// before and the rows knows all that this takes.
    /// @param before the position before of each row, in the order of the rows
    /// @param path the nodes beside those of the rows, level by level from the leaves upwards, ascending
    function change(bytes calldata rows, int128[] calldata before, bytes32[] calldata path)
        internal
        pure
        returns (bytes32, bytes32)
    {
        uint256 width = before.length;
        uint256[] memory places = new uint256[](width);
        bytes32[] memory olds = new bytes32[](width);
        bytes32[] memory news = new bytes32[](width);
        uint256 used = 0;
        // Counters that end with what was handed in; a position is cut off rather than refused, so that what is wrong
        // elsewhere keeps nobody from showing it.
        unchecked {
            for (uint256 i = 0; i < width; i++) {
                (uint32 number, int128 amount) = Rows.read(rows, i);
                places[i] = number;
                olds[i] = _leaf(number, before[i]);
                news[i] = _leaf(number, before[i] + amount);
            }
            for (uint256 level = 0; level < DEPTH; level++) {
                uint256 kept = 0;
                for (uint256 i = 0; i < width; i++) {
                    uint256 place = places[i];
                    (bytes32 left, bytes32 right) = (olds[i], olds[i]);
                    (bytes32 newLeft, bytes32 newRight) = (news[i], news[i]);
                    if (place & 1 == 1) {
                        newLeft = left = path[used++];
                    } else if (i + 1 < width && places[i + 1] == place + 1) {
                        i++;
                        (right, newRight) = (olds[i], news[i]);
                    } else {
                        newRight = right = path[used++];
                    }
                    places[kept] = place >> 1;
                    olds[kept] = _node(left, right);
                    news[kept++] = _node(newLeft, newRight);
                }
                width = kept;
            }
        }
        return (olds[0], news[0]);
    }

    function _leaf(uint32 number, int128 position) private pure returns (bytes32) {
        return position == 0 ? bytes32(0) : keccak256(abi.encodePacked(number, position));
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            node := keccak256(0x00, 0x40)
        }
    }
}
