// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc6962} from "../../src/libraries/Rfc6962.sol";

/// @notice Gives tests the library's verdict on many proofs in one call.
contract Rfc6962Harness {
    struct Consistency {
        uint64 size1;
        bytes32 root1;
        uint64 size2;
        bytes32 root2;
        bytes32[] proof;
    }

    struct Inclusion {
        bytes32 leafHash;
        uint64 index;
        uint64 size;
        bytes32 root;
        bytes32[] path;
    }

    function consistencies(Consistency[] calldata cases) external pure returns (bool[] memory verdicts) {
        verdicts = new bool[](cases.length);
        for (uint256 i = 0; i < cases.length; i++) {
            Consistency calldata c = cases[i];
            verdicts[i] = Rfc6962.verifyConsistency(c.size1, c.root1, c.size2, c.root2, c.proof);
        }
    }

    function inclusions(Inclusion[] calldata cases) external pure returns (bool[] memory verdicts) {
        verdicts = new bool[](cases.length);
        for (uint256 i = 0; i < cases.length; i++) {
            Inclusion calldata c = cases[i];
            verdicts[i] = Rfc6962.verifyInclusion(c.leafHash, c.index, c.size, c.root, c.path);
        }
    }

    function leafHash(bytes calldata leaf) external pure returns (bytes32) {
        return Rfc6962.hashLeaf(leaf);
    }
}
