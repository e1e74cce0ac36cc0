// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What must be paid. Field order is frozen: it is the EIP-712 type and the log leaf alike.
/// @param network the network the agreement belongs to
/// @param chainId EIP-155 chain id
/// @param agreements the contract that pays
/// @param agreement id of the agreement
/// @param termsHash SHA-256 of the agreement's terms
/// @param occasion what is paid for, such as a window of a stream; paid once per agreement
/// @param recipient who is paid
/// @param token ERC-20 in which
/// @param amount minor units
/// @param validAfter not paid before this time, seconds
/// @param deadline not paid after this time, seconds
/// @param decision SHA-256 of the decision
/// @param supersedes digest of the intent this one replaces, or zero
struct Intent {
    bytes32 network;
    uint256 chainId;
    address agreements;
    bytes32 agreement;
    bytes32 termsHash;
    bytes32 occasion;
    address recipient;
    address token;
    uint256 amount;
    uint64 validAfter;
    uint64 deadline;
    bytes32 decision;
    bytes32 supersedes;
}

/// @title The two forms of an intent: signed (EIP-712) and logged (RFC 6962 leaf)
library Intents {
    bytes32 internal constant TYPEHASH = keccak256(
        "Intent(bytes32 network,uint256 chainId,address agreements,bytes32 agreement,bytes32 termsHash,bytes32 occasion,address recipient,address token,uint256 amount,uint64 validAfter,uint64 deadline,bytes32 decision,bytes32 supersedes)"
    );

    /// @notice EIP-712 hashStruct.
    function structHash(Intent memory intent) internal pure returns (bytes32) {
        // All members are static, so encodeData is the type hash followed by the plain ABI encoding.
        return keccak256(bytes.concat(TYPEHASH, abi.encode(intent)));
    }

    /// @notice The bytes of the intent's leaf in the log: 0x02 ‖ 13 words, 417 bytes. No device's statement can pose as
    /// one: their leaves start with 0x01.
    function leaf(Intent memory intent) internal pure returns (bytes memory) {
        return bytes.concat(bytes1(0x02), abi.encode(intent));
    }
}
