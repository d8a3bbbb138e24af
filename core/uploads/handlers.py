"""How large files come in: to the disk, and no further than a limit."""

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

PATIENCE = 4  # times the limit; whoever sends more is cut off


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """
    Writes a file to the disk as it comes, up to `UPLOAD_MAX_BYTES`.

    What is beyond is read and dropped, so that the rest of the form is kept and can come back with
    a word; the file is marked `too_large`.
    """

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > PATIENCE * settings.UPLOAD_MAX_BYTES:
            raise StopUpload(connection_reset=True)
        if self.received <= settings.UPLOAD_MAX_BYTES:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int):
        file = super().file_complete(min(file_size, settings.UPLOAD_MAX_BYTES))
        file.too_large = self.received > settings.UPLOAD_MAX_BYTES
        return file
