"""Write all chats to this folder, and delete the files of chats that there are no more."""

from tests.chats import CHATS, FOLDER, chat

if __name__ == "__main__":
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name, choices in CHATS.items():
        (FOLDER / f"{name}.txt").write_text(chat(choices), "utf-8")
