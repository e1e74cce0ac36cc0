// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

/// @title Signatures of P-256 keys
/// @notice With it a key in a phone or a secure element is an account: `P256Verifier ‖ x ‖ y` is its ERC-7913 signer.
contract P256Verifier is ERC7913P256Verifier {}
