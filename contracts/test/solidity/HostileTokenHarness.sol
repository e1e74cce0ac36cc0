// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A token that lies, keeps a fee, or calls back while it is moved.
contract HostileTokenHarness {
    enum Mode {
        Honest,
        Lies,
        Fee,
        CallsBack
    }

    mapping(address account => uint256) public balanceOf;
    Mode public mode;
    address public target;
    bytes public data;
    /// @notice What came of the last call back.
    bool public succeeded;
    bytes public answer;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function turn(Mode mode_, address target_, bytes calldata data_) external {
        (mode, target, data) = (mode_, target_, data_);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (mode == Mode.Lies) return true;
        if (mode == Mode.CallsBack) (succeeded, answer) = target.call(data);
        balanceOf[from] -= amount;
        balanceOf[to] += mode == Mode.Fee ? amount - amount / 10 : amount;
        return true;
    }
}
