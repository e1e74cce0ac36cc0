"""What a stranger's verifier needs of Ethereum: Keccak-256 (FIPS 202 with the original padding), secp256k1 (SEC 1, 4.1.6),
EIP-712 in the domain of this network's contracts, RLP and the trie of receipts."""
import struct

from outsider import Wrong


def need(holds, sentence):
    if not holds:
        raise Wrong(sentence)


def keccak256(data):
    mask = (1 << 64) - 1
    rotate = lambda x, n: ((x << n) | (x >> (64 - n))) & mask if n else x
    constants, lfsr = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if lfsr & 1:
                constant |= 1 << ((1 << j) - 1)
            lfsr = (lfsr << 1) ^ (0x171 if lfsr & 0x80 else 0)
        constants.append(constant)
    state = [[0] * 5 for _ in range(5)]
    padded = data + b"\1" + bytes(-(len(data) + 1) % 136)
    padded = padded[:-1] + bytes([padded[-1] | 0x80])
    for start in range(0, len(padded), 136):
        for i, (word,) in enumerate(struct.iter_unpack("<Q", padded[start : start + 136])):
            state[i % 5][i // 5] ^= word
        for constant in constants:
            parity = [a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] for a in state]
            for x in range(5):
                d = parity[x - 1] ^ rotate(parity[(x + 1) % 5], 1)
                state[x] = [lane ^ d for lane in state[x]]
            x, y, moved = 1, 0, state[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                moved, state[x][y] = state[x][y], rotate(moved, (t + 1) * (t + 2) // 2 % 64)
            state = [
                [state[x][y] ^ (~state[(x + 1) % 5][y] & state[(x + 2) % 5][y]) for y in range(5)] for x in range(5)
            ]
            state[0][0] ^= constant
    return b"".join(struct.pack("<Q", state[i % 5][i // 5] & mask) for i in range(4))


P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(point, k):
    total = None
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def signer_of(digest, signature):
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    need(0 < r < N and 0 < s <= N // 2 and v in (27, 28), "a signature of an account is not in form")
    y = pow(r**3 + 7, (P + 1) // 4, P)
    need(y * y % P == (r**3 + 7) % P, "a signature of an account is of no point")
    point = (r, y if y % 2 == v - 27 else P - y)
    inverse, z = pow(r, -1, N), int.from_bytes(digest, "big")
    key = add(multiply(point, s * inverse % N), multiply(G, -z * inverse % N))
    return "0x" + keccak256(key[0].to_bytes(32, "big") + key[1].to_bytes(32, "big"))[12:].hex()


def rlp(data):
    value, rest = rlp_item(data)
    need(rest == b"", "RLP with bytes left over")
    return value


def rlp_item(data):
    first = data[0]
    if first < 0x80:
        return data[:1], data[1:]
    short, is_list = (first - 0xC0, True) if first >= 0xC0 else (first - 0x80, False)
    start = 1
    if short > 55:
        start = 1 + short - 55
        short = int.from_bytes(data[1:start], "big")
    body, rest = data[start : start + short], data[start + short :]
    if not is_list:
        return body, rest
    items = []
    while body:
        item, body = rlp_item(body)
        items.append(item)
    return items, rest


def encode_index(index):
    if index == 0:
        return b"\x80"
    data = index.to_bytes((index.bit_length() + 7) // 8, "big")
    return data if len(data) == 1 and data[0] < 0x80 else bytes([0x80 + len(data)]) + data


def receipt_logs(proof):
    """The logs of a receipt, and the block's number and hash, from a receipt proof."""
    header = rlp(proof["header"])
    wanted, value = header[5], None
    nibbles = [n for byte in encode_index(proof["transaction"]) for n in (byte >> 4, byte & 15)]
    for node in proof["nodes"]:
        need(keccak256(node) == wanted, "a node of the receipts trie is not the one its parent names")
        items = rlp(node)
        if len(items) == 17:
            if not nibbles:
                value = items[16]
                break
            wanted, nibbles = items[nibbles[0]], nibbles[1:]
            continue
        path = [n for byte in items[0] for n in (byte >> 4, byte & 15)]
        own = path[1:] if path[0] & 1 else path[2:]
        need(nibbles[: len(own)] == own, "the trie leads to another receipt")
        nibbles = nibbles[len(own) :]
        if path[0] & 2:
            value = items[1]
            break
        wanted = items[1]
    need(value is not None and not nibbles, "the trie does not lead to a receipt")
    status, _, _, logs = rlp(value[1:] if value[0] < 0x80 else value)
    need(status == b"\1", "the transaction had no effect")
    return logs, int.from_bytes(header[8], "big"), keccak256(proof["header"])


def typed_digest(network, contract, struct_hash):
    domain = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    separator = keccak256(
        keccak256(domain)
        + keccak256(b"Trine")
        + keccak256(b"1")
        + network["chain"]["id"].to_bytes(32, "big")
        + bytes(12)
        + bytes.fromhex(contract[2:])
    )
    return keccak256(b"\x19\x01" + separator + struct_hash)
