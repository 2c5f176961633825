"""The board that the settings name: `open_board(settings)`; and the rights that its hosts need."""

from __future__ import annotations

from .board import Board
from .board_settings import BoardSettings
from .redis_board import RedisBoard
from .redis_check import acl


def open_board(settings: BoardSettings) -> Board | None:
    """The board; None if the settings name none. Nothing is connected yet."""
    if settings.redis_url is None or settings.board is None:
        return None
    return RedisBoard(settings.redis_url, settings.board)


def board_rules(board: str) -> str:
    """The rights of the hosts of a board, as its server takes them."""
    return acl(board)
