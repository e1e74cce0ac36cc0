// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IActs} from "./IActs.sol";

/// @title What every party has, in every currency
/// @notice Types, events and errors of {Accounts}; the rules are explained there.
interface IAccounts is IActs {
    /// @notice Moves the token from the account's wallet into its balance here. Needs the token's allowance.
    struct Deposit {
        address account;
        address token;
        uint256 amount;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Moves the token from the account's free balance to any wallet.
    struct Withdrawal {
        address account;
        address token;
        address to;
        uint256 amount;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice An EIP-2612 permit, for a deposit without an earlier approval; all zero for none.
    struct Permit {
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    event Deposited(address indexed account, address indexed token, uint256 amount);
    event Withdrawn(address indexed account, address indexed token, address to, uint256 amount);
    /// @notice From the free balance into what an agreements contract holds.
    event Locked(address indexed account, address indexed token, address indexed controller, uint256 amount);
    /// @notice From what an agreements contract holds into a free balance.
    event Credited(address indexed account, address indexed token, address indexed controller, uint256 amount);

    error NotAController(address account);
    error ZeroAmount();
    /// @notice Nobody is there to be credited, or the token is no contract.
    error ZeroAccount();
    error NotAToken(address token);
    /// @notice The account has less than that free: deposit first.
    error BalanceTooLow(address account, uint256 balance, uint256 amount);

    function deposit(Deposit calldata act, Permit calldata permit, Proof calldata proof) external;
    function depositFor(address account, address token, uint256 amount) external;
    function withdraw(Withdrawal calldata act, Proof calldata proof) external;
    function lock(address account, address token, uint256 amount) external;
    function credit(address account, address token, uint256 amount) external;
    function balanceOf(address account, address token) external view returns (uint256);
    function heldBy(address controller, address token) external view returns (uint256);
    function isController(address account) external view returns (bool);
}
