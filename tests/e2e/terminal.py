"""A terminal for end-to-end tests: a program on a pty, and what a person would see (pyte, of Debian's
python3-pyte)."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

import pyte

from bed import eventually

ENTERS, LEAVES = b"\x1b[?1049h", b"\x1b[?1049l"


class Terminal:
    def __init__(self, command, environment, columns=80, rows=24):
        self.master, self.slave = pty.openpty()
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.resize(columns, rows)
        self.modes = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen([str(each) for each in command], stdin=self.slave,
                                        stdout=self.slave, stderr=self.slave,
                                        env={"TERM": "xterm-256color"} | environment,
                                        preexec_fn=self.take_terminal)

    @staticmethod
    def take_terminal():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def resize(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def read(self):
        """Takes in what has come."""
        while select.select([self.master], [], [], 0.02)[0]:
            part = os.read(self.master, 65536)
            self.raw += part
            self.stream.feed(part)

    def type(self, text):
        os.write(self.master, text.encode())

    def text(self):
        self.read()
        return "\n".join(line.rstrip() for line in self.screen.display)

    def see(self, pattern):
        """Waits until the screen has this; the match."""
        try:
            return eventually(pattern, lambda: re.search(pattern, self.text(), re.M))
        except AssertionError as never:
            raise AssertionError(f"{never}; the screen:\n{self.text()}") from None

    def end(self):
        """The exit code, when it has ended."""
        eventually("the program ends", lambda: (self.read(), self.process.poll() is not None)[1])
        self.read()
        return self.process.returncode

    def is_restored(self):
        """No alternate screen, a cursor, and the modes that were there before."""
        return (self.raw.count(ENTERS) == self.raw.count(LEAVES) and
                self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l") and
                termios.tcgetattr(self.slave) == self.modes)

    def after(self):
        """What was written when the alternate screen had been left."""
        return self.raw.rpartition(LEAVES)[2].decode()

    def send_signal(self, number):
        self.process.send_signal(number)
