// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Money of account: deposits in one currency as a token
/// @notice Amounts are integers of the currency's minor unit (ISO 4217: two digits for EUR, so 1 token unit is 1 cent).
/// The issuer mints against a deposit it received and pays out what holders redeem; it can do nothing else: it cannot
/// move, freeze or burn what others hold. The administrator appoints issuers and can touch no balance either.
/// @dev Every mint and redemption carries a reference of the payment outside. A reference mints once, so a repeated
/// call after a crash cannot mint twice.
contract FiatToken is ERC20, ERC20Permit, AccessControl {
    /// @notice May mint against deposits.
    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");

    uint8 private immutable _minorDigits;
    /// @notice Practice money stands for no deposit; its name and symbol say so.
    bool public immutable practice;
    /// @notice ISO 4217 alphabetic code, such as EUR.
    string public currency;

    mapping(bytes32 paymentReference => bool) public minted;

    event Minted(bytes32 indexed paymentReference, address indexed to, uint256 amount);
    event Redeemed(bytes32 indexed paymentReference, address indexed from, uint256 amount);

    error AlreadyMinted(bytes32 paymentReference);
    error BadCurrencyCode(string code);

    /// @param code ISO 4217 alphabetic code: three capital letters
    /// @param minorDigits digits of the minor unit, 2 for EUR
    /// @param practice_ true where no deposits stand behind it
    /// @param administrator appoints and dismisses issuers
    /// @param issuer the first issuer
    constructor(string memory code, uint8 minorDigits, bool practice_, address administrator, address issuer)
        ERC20(practice_ ? string.concat(code, " practice money") : string.concat(code, " deposits"), _symbol(code, practice_))
        ERC20Permit(practice_ ? string.concat(code, " practice money") : string.concat(code, " deposits"))
    {
        bytes memory letters = bytes(code);
        if (letters.length != 3) revert BadCurrencyCode(code);
        for (uint256 i = 0; i < 3; i++) {
            if (letters[i] < "A" || letters[i] > "Z") revert BadCurrencyCode(code);
        }
        currency = code;
        _minorDigits = minorDigits;
        practice = practice_;
        _grantRole(DEFAULT_ADMIN_ROLE, administrator);
        _grantRole(ISSUER_ROLE, issuer);
    }

    /// @notice Digits after the decimal point when shown: those of the minor unit.
    function decimals() public view override returns (uint8) {
        return _minorDigits;
    }

    /// @notice Creates money for a deposit received.
    /// @param to who deposited
    /// @param amount minor units
    /// @param paymentReference identifies the deposit; mints once
    function mint(address to, uint256 amount, bytes32 paymentReference) external onlyRole(ISSUER_ROLE) {
        if (minted[paymentReference]) revert AlreadyMinted(paymentReference);
        minted[paymentReference] = true;
        _mint(to, amount);
        emit Minted(paymentReference, to, amount);
    }

    /// @notice Destroys money of the caller's, which the issuer then pays out.
    /// @param amount minor units
    /// @param paymentReference where to pay, as agreed with the issuer
    function redeem(uint256 amount, bytes32 paymentReference) external {
        _burn(msg.sender, amount);
        emit Redeemed(paymentReference, msg.sender, amount);
    }

    function _symbol(string memory code, bool practice_) private pure returns (string memory) {
        return practice_ ? string.concat(code, "-practice") : code;
    }
}
