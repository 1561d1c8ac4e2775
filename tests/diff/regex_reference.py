"""A slow matcher that follows the definition of procmail's patterns, for regex-diff -r.

Everything is sets of places in newline + text + newline. It knows what a pattern means, not what
procmail makes of \\/ in groups or alternatives: such patterns are answered with None.
"""

WORD = set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_')


class Parser:
    def __init__(self, p, fold):
        self.p, self.i, self.fold, self.marks, self.odd = p, 0, fold, 0, False

    def peek(self):
        return self.p[self.i] if self.i < len(self.p) else ''

    def alternatives(self, depth):
        alts = [self.sequence(depth)]
        while self.peek() == '|':
            self.i += 1
            alts.append(self.sequence(depth))
        if self.peek() == ')' and depth:
            self.i += 1
        if depth == 0 and len(alts) > 1 and self.marks:
            self.odd = True
        return ('alt', alts)

    def sequence(self, depth):
        seq = []
        while self.peek() not in ('', '|', ')'):
            node = self.simple(depth)
            if self.peek() and self.peek() in '*+?':
                self.odd |= node == ('mark',)
                node = ('rep', self.peek(), node)
                self.i += 1
            seq.append(node)
        return ('seq', seq)

    def simple(self, depth):
        c = self.peek()
        self.i += 1
        if c == '(':
            return self.alternatives(depth + 1)
        if c == '[':
            return self.klass()
        if c == '.':
            return ('set', True, {'\n'})
        if c == '^' and self.peek() == '^':
            self.i += 1
            return ('anchor',)
        if c in '^$':
            return ('set', False, {'\n'})
        if c == '\\' and self.peek():
            c = self.peek()
            self.i += 1
            if c == '/':
                self.marks += 1
                self.odd |= depth > 0 or self.marks > 1
                return ('mark',)
            if c in '<>':
                return ('set', True, WORD)
        return ('set', False, self.cases(c))

    def cases(self, c):
        if self.fold and c.isascii():
            return {c.lower(), c.upper()}
        return {c}

    def klass(self):
        neg = self.peek() == '^'
        self.i += neg
        chars, last = set(), None
        while self.peek() and (self.peek() != ']' or last is None):
            c = self.peek()
            self.i += 1
            if c == '-' and last is not None and self.peek() not in ('', ']'):
                c = self.peek()
                self.i += 1
                for k in range(ord(last) + 1, ord(c)):
                    chars |= self.cases(chr(k))
            chars |= self.cases(c)
            last = c
        self.i += 1
        return ('set', True, chars | {'\n'}) if neg else ('set', False, chars)


class Reference:
    def run(self, cases, score):
        assert not score
        return [self.one(*c) for c in cases]

    def ends(self, node, at, tail):
        """Places where node can end when it starts at one of the places at."""
        kind = node[0]
        if kind == 'set':
            return {i + 1 for i in at if i < len(self.t) and (self.t[i] in node[2]) != node[1]}
        if kind == 'anchor':
            out = {1} if 0 in at else set()
            return out | ({len(self.t) - 1} & at if tail else set())
        if kind == 'alt':
            return set().union(*(self.ends(n, at, tail) for n in node[1]))
        if kind == 'seq':
            for k, n in enumerate(node[1]):
                at = self.ends(n, at, tail and k == len(node[1]) - 1)
            return at
        _, op, body = node
        if op == '?':
            return at | self.ends(body, at, tail)
        out = set(at) if op == '*' else set()
        new = self.ends(body, at, False)
        while not new <= out:
            out |= new
            new = self.ends(body, out, False)
        return out

    def one(self, pattern, text, case_sensitive):
        parser = Parser(pattern, not case_sensitive)
        top = parser.alternatives(0)
        if parser.odd:
            return None
        self.t = '\n' + text + '\n'
        everywhere = set(range(len(self.t) + 1))
        if not parser.marks:
            return (bool(self.ends(top, everywhere, True)), None)
        seq = top[1][0][1]
        k = seq.index(('mark',))
        right = ('seq', seq[k + 1:])
        for i in sorted(self.ends(('seq', seq[:k]), everywhere, False)):
            to = self.ends(right, {i}, True)
            if to:
                a, b = max(i - 1, 0), min(max(to) - 1, len(text))
                return (True, text[a:max(a, b)] if i <= len(text) + 1 else None)
        return (False, None)
