"""The minimal python-telegram-bot bot with which the bench compares the coach.

python -m tests.bare           answers each tap, then sends a message
python -m tests.bare beside    does both at the same time
"""

import asyncio
import os
import sys

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

TEXT = "<b>Step 3 of 8 · Heel circles</b>\n" + "Circle up to the middle, out, and back. " * 8
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Next", callback_data="next:1", style="primary")]])


async def send(query: CallbackQuery, context: ContextTypes.DEFAULT_TYPE) -> None:
    await context.bot.send_message(query.from_user.id, TEXT, parse_mode=ParseMode.HTML, reply_markup=KEYBOARD)


async def one_after_the_other(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.callback_query:
        await update.callback_query.answer()
        await send(update.callback_query, context)


async def beside(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.callback_query:
        await asyncio.gather(update.callback_query.answer(), send(update.callback_query, context))


if __name__ == "__main__":
    url = os.environ["TELEGRAM_API_URL"]
    application = Application.builder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{url}/bot").build()
    application.add_handler(CallbackQueryHandler(beside if "beside" in sys.argv else one_after_the_other))
    application.run_polling()
