// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Signed acts
/// @notice What a party does it signs, and anyone may submit: residents hold no coins.
interface IActs {
    /// @notice How an act is signed.
    /// @param signer empty where the account's own address signs (ECDSA key or ERC-1271 contract); else an ERC-7913
    /// signer, `verifier ‖ key`, for keys without an address of their own, such as P-256
    /// @param signature what it signed; empty where the account itself sends the transaction
    struct Proof {
        bytes signer;
        bytes signature;
    }

    /// @notice The signature is not the account's.
    error BadSignature(address account);
    /// @notice The act was submitted already, or cancelled.
    error NonceUsed(address account, uint256 nonce);
    error ActExpired(uint256 deadline);

    /// @notice Makes a signed act that was not submitted yet worthless. Only its account.
    function cancelNonce(uint256 nonce) external;
    function isNonceUsed(address account, uint256 nonce) external view returns (bool);
}
