"""Files of a database's attachments: one folder a database, also for the copies of test workers."""

import contextlib
import os
import shutil
from pathlib import Path


def link(source, target):
    """Give a copy of a database the attachments of the original.

    The files are linked, they never change; deleting one leaves the original's alone.

    :param Path source: folder of the original, which may not exist
    :param Path target: folder of the copy; what was there goes
    """
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, copy_function=os.link)


@contextlib.contextmanager
def own_filestore(data_dir, original, name):
    """Let a copy of a database have attachments of its own while it is used.

    :param data_dir: Odoo's data folder
    :param original: database that the copy was made from
    :param name: the copy; the original itself: nothing is done
    """
    if name == original:
        yield
        return
    folder = Path(data_dir) / "filestore"
    link(folder / original, folder / name)
    try:
        yield
    finally:
        shutil.rmtree(folder / name, ignore_errors=True)
